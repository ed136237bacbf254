package io.filereplication.plugin;

import io.filereplication.client.ManifestTransport;
import io.filereplication.client.RaftTransport;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Proposes to whoever is in the group now: a node may begin without knowing any member, and members come and go. The client
 * beneath is built by the first call, and anew after the members changed.
 */
final class MembersTransport implements ManifestTransport {
    private final Supplier<Collection<RaftPeer>> members;
    private final Function<Collection<RaftPeer>, RaftTransport> connect;
    private @Nullable RaftTransport current;
    private Set<String> connectedTo = Set.of();
    private boolean closed;

    MembersTransport(Supplier<Collection<RaftPeer>> members, Function<Collection<RaftPeer>, RaftTransport> connect) {
        this.members = members;
        this.connect = connect;
    }

    @Override
    public CompletableFuture<ByteString> propose(ByteString entry) {
        return call(transport -> transport.propose(entry));
    }

    @Override
    public CompletableFuture<ByteString> ask(ByteString query) {
        return call(transport -> transport.ask(query));
    }

    private CompletableFuture<ByteString> call(Function<RaftTransport, CompletableFuture<ByteString>> call) {
        RaftTransport transport;
        RaftTransport outdated = null;
        synchronized (this) {
            Collection<RaftPeer> peers = members.get();
            if (closed || peers.isEmpty()) {
                return CompletableFuture.failedFuture(new IllegalStateException(
                        closed ? "The client is closed" : "The members of the group are not known yet"));
            }
            Set<String> wanted = peers.stream()
                    .map(peer -> peer.getId() + "@" + peer.getAddress())
                    .collect(Collectors.toSet());
            if (current == null || !wanted.equals(connectedTo)) {
                outdated = current;
                current = connect.apply(peers);
                connectedTo = wanted;
            }
            transport = current;
        }
        if (outdated != null) {
            outdated.close();
        }
        return call.apply(transport);
    }

    @Override
    public void close() {
        RaftTransport last;
        synchronized (this) {
            closed = true;
            last = current;
            current = null;
        }
        if (last != null) {
            last.close();
        }
    }
}
