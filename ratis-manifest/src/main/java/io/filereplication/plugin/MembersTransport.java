package io.filereplication.plugin;

import io.filereplication.client.ManifestTransport;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Proposes to whoever is in the group now: a node may begin without knowing any member, and members come and go. The client
 * beneath is built by the first call, and anew after the members changed or after it has failed for good.
 *
 * <p>A {@code RaftClient} of Ratis 3.3.0 fails for good when a server has answered that it does not know the group, as one does
 * that is about to be given the group, or the leader of a moment ago that the group was taken from: the client's sliding window
 * then refuses every later request. A new client would ask the same server first, for Ratis remembers the last leader of a
 * group for a minute and for all clients of the process. So each client that follows a failed one begins with the next member.
 */
final class MembersTransport implements ManifestTransport {
    /** Makes the client beneath. */
    interface Connect {
        /** A client of the group of {@code members} that asks {@code first}, if there is one, before any other. */
        ManifestTransport to(Collection<RaftPeer> members, @Nullable RaftPeerId first);
    }

    private final Supplier<Collection<RaftPeer>> members;
    private final Connect connect;
    private @Nullable ManifestTransport current;
    private Set<String> connectedTo = Set.of();
    private boolean ended;
    private int endings;
    private boolean closed;

    MembersTransport(Supplier<Collection<RaftPeer>> members, Connect connect) {
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

    private CompletableFuture<ByteString> call(Function<ManifestTransport, CompletableFuture<ByteString>> call) {
        ManifestTransport transport;
        ManifestTransport outdated = null;
        synchronized (this) {
            Collection<RaftPeer> peers = members.get();
            if (closed || peers.isEmpty()) {
                return CompletableFuture.failedFuture(new IllegalStateException(
                        closed ? "The client is closed" : "The members of the group are not known yet"));
            }
            Set<String> wanted = peers.stream()
                    .map(peer -> peer.getId() + "@" + peer.getAddress())
                    .collect(Collectors.toSet());
            if (current == null || ended || !wanted.equals(connectedTo)) {
                outdated = current;
                current = connect.to(peers, ended ? next(peers) : null);
                connectedTo = wanted;
                ended = false;
            }
            transport = current;
        }
        if (outdated != null) {
            outdated.close();
        }
        return call.apply(transport).whenComplete((answer, failure) -> {
            if (endsTheClient(failure)) {
                end(transport);
            }
        });
    }

    private RaftPeerId next(Collection<RaftPeer> peers) {
        List<RaftPeerId> ids = peers.stream()
                .map(RaftPeer::getId)
                .sorted(Comparator.comparing(RaftPeerId::toString))
                .toList();
        return ids.get(Math.floorMod(endings++, ids.size()));
    }

    /** The next call builds another; not here, on a thread of the client that would have to be closed. */
    private synchronized void end(ManifestTransport transport) {
        ended |= transport == current;
    }

    private static boolean endsTheClient(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AlreadyClosedException || cause instanceof GroupMismatchException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        ManifestTransport last;
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
