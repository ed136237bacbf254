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
import java.util.function.Supplier;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** By stale reads, each sent to one member: no leader needed. */
public final class RaftMemberTransport implements MemberTransport {
    private static final long ANY_INDEX = -1;

    private final NodeId self;
    private final Supplier<Collection<RaftPeer>> members;
    private final Supplier<RaftClient> client;
    private final Executor worker;

    /**
     * Asks the {@code members} of this moment through what {@code client} gives, which is somebody else's to close; it throws {@link
     * IllegalStateException} when there is none. {@code worker} runs what may block: giving up a broken connection, for which the answer
     * waits; so it is none that puts keep busy.
     */
    public RaftMemberTransport(
            NodeId self, Supplier<Collection<RaftPeer>> members, Supplier<RaftClient> client, Executor worker) {
        this.self = self;
        this.members = members;
        this.client = client;
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
        return send(member, question)
                // A connection that broke while nobody used it says so to whoever is next: that one asks again, over
                // another.
                .exceptionallyCompose(failure ->
                        isOfAnOldConnection(failure) ? send(member, question) : CompletableFuture.failedFuture(failure))
                .exceptionally(failure -> {
                    throw new CompletionException(new IOException("it cannot be reached: " + rootMessage(failure)));
                })
                .thenApply(RaftMemberTransport::answer);
    }

    private CompletableFuture<RaftClientReply> send(NodeId member, ByteString question) {
        RaftClient asked;
        try {
            asked = client.get();
        } catch (IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(asked.getId())
                .setServerId(RaftPeerId.valueOf(member.value()))
                .setGroupId(asked.getGroupId())
                .setCallId(CallId.getAndIncrement())
                .setMessage(Message.valueOf(Queries.member(question)))
                .setType(RaftClientRequest.staleReadRequestType(ANY_INDEX))
                .build();
        CompletableFuture<RaftClientReply> reply = asked.getClientRpc().sendRequestAsyncUnordered(request);
        return reply.exceptionallyComposeAsync(
                failure -> {
                    // The stream of a failed call stays broken until it is given up.
                    asked.getClientRpc().handleException(request.getServerId(), failure, true);
                    return CompletableFuture.failedFuture(failure);
                },
                worker);
    }

    private static boolean isOfAnOldConnection(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof AlreadyClosedException;
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
}
