package io.filereplication.status;

import io.filereplication.NodeId;
import io.filereplication.manifest.Queries;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By stale reads, each sent once to one member: no retry, no leader needed. The Raft client beneath is built by the first question
 * and anew after the members changed.
 */
public final class RaftMemberTransport implements MemberTransport {
    private static final Logger LOG = LoggerFactory.getLogger(RaftMemberTransport.class);
    private static final long ANY_INDEX = -1;

    private final NodeId self;
    private final Supplier<Collection<RaftPeer>> members;
    private final Function<Collection<RaftPeer>, RaftClient> connect;
    private final Executor worker;
    private @Nullable RaftClient current;
    private Set<String> connectedTo = Set.of();
    private boolean closed;

    /**
     * Asks the {@code members} of this moment through a client that {@code connect} makes and this object closes. {@code worker}
     * runs what may block: giving up a broken connection.
     */
    public RaftMemberTransport(
            NodeId self,
            Supplier<Collection<RaftPeer>> members,
            Function<Collection<RaftPeer>, RaftClient> connect,
            Executor worker) {
        this.self = self;
        this.members = members;
        this.connect = connect;
        this.worker = worker;
    }

    @Override
    public Set<NodeId> others() {
        Set<NodeId> others = new TreeSet<>();
        members.get().forEach(peer -> others.add(NodeId.of(peer.getId().toString())));
        others.remove(self);
        return others;
    }

    @Override
    public CompletableFuture<ByteString> ask(NodeId member, ByteString question) {
        RaftClient client;
        try {
            client = client();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client.getId())
                .setServerId(RaftPeerId.valueOf(member.value()))
                .setGroupId(client.getGroupId())
                .setCallId(CallId.getAndIncrement())
                .setMessage(Message.valueOf(Queries.member(question)))
                .setType(RaftClientRequest.staleReadRequestType(ANY_INDEX))
                .build();
        CompletableFuture<RaftClientReply> reply = client.getClientRpc().sendRequestAsyncUnordered(request);
        var unused = reply.exceptionallyAsync(
                failure -> {
                    // The stream of a failed call stays broken until it is given up.
                    client.getClientRpc().handleException(request.getServerId(), failure, true);
                    return null;
                },
                worker);
        return reply.exceptionally(failure -> {
                    throw new CompletionException(new IOException("it cannot be reached: " + rootMessage(failure)));
                })
                .thenApply(RaftMemberTransport::answer);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private static ByteString answer(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new CompletionException(reply.getException());
        }
        ByteString said = Queries.memberAnswer(reply.getMessage().getContent());
        if (said == null) {
            throw new CompletionException(new IOException("it is of a build that does not say; upgrade it"));
        }
        return said;
    }

    private RaftClient client() {
        RaftClient outdated = null;
        RaftClient client;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("this node is closing");
            }
            Collection<RaftPeer> peers = members.get();
            Set<String> wanted = peers.stream()
                    .map(peer -> peer.getId() + "@" + peer.getAddress())
                    .collect(Collectors.toSet());
            client = current;
            if (client == null || !wanted.equals(connectedTo)) {
                outdated = client;
                client = connect.apply(peers);
                current = client;
                connectedTo = wanted;
            }
        }
        close(outdated);
        return client;
    }

    @Override
    public void close() {
        RaftClient last;
        synchronized (this) {
            closed = true;
            last = current;
            current = null;
        }
        close(last);
    }

    private static void close(@Nullable RaftClient client) {
        if (client != null) {
            try {
                client.close();
            } catch (IOException e) {
                LOG.warn("The Raft client {} did not close cleanly", client.getId(), e);
            }
        }
    }
}
