package io.filereplication.plugin;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/** The read index through the node's own server, in the messages that Ratis's servers send one another for it. */
final class RaftReadIndex implements ReadIndex {
    private final Supplier<@Nullable RaftServer> server;
    private final RaftGroupId group;
    private final ClientId clientId = ClientId.randomId();

    RaftReadIndex(Supplier<@Nullable RaftServer> server, RaftGroupId group) {
        this.server = server;
        this.group = group;
    }

    @Override
    public CompletableFuture<Long> ask() throws IOException {
        RaftServer running = server.get();
        if (running == null) {
            throw new IOException("The server is not running");
        }
        RaftServer.Division division = running.getDivision(group);
        RaftPeerId leader = division.getInfo().getLeaderId();
        if (leader == null) {
            throw new IOException("There is no leader");
        }
        RaftGroupMemberId self = division.getMemberId();
        ReadIndexRequestProto request = request(self, leader);
        CompletableFuture<ReadIndexReplyProto> reply;
        if (!leader.equals(running.getId())) {
            reply = running.getServerRpc().async().readIndexAsync(request);
        } else if (division.getInfo().isLeaderReady()) {
            reply = running.readIndexAsync(request);
        } else {
            // A leader that has committed nothing in its term does not know yet what its predecessors committed.
            throw new IOException("The leader is not ready");
        }
        return reply.thenApply(answer -> index(answer, self, leader));
    }

    private ReadIndexRequestProto request(RaftGroupMemberId self, RaftPeerId leader) {
        RaftClientRequest read = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(self.getPeerId())
                .setGroupId(group)
                .setCallId(CallId.getAndIncrement())
                .setMessage(Message.EMPTY)
                .setType(RaftClientRequest.readRequestType())
                .build();
        return ReadIndexRequestProto.newBuilder()
                .setServerRequest(ClientProtoUtils.toRaftRpcRequestProtoBuilder(self, leader))
                .setClientRequest(ClientProtoUtils.toRaftClientRequestProto(read, false))
                .build();
    }

    /** The index in {@code answer}, which has to be a success, the leader's, for this member. */
    static long index(ReadIndexReplyProto answer, RaftGroupMemberId self, RaftPeerId leader) {
        RaftRpcReplyProto from = answer.getServerReply();
        boolean right = answer.hasServerReply()
                && from.getReplyId().equals(leader.toByteString())
                && from.getRequestorId().equals(self.getPeerId().toByteString())
                && from.getRaftGroupId().getId().equals(self.getGroupId().toByteString());
        if (!right || !from.getSuccess() || answer.getReadIndex() < 0) {
            throw new IllegalStateException("The leader " + leader + " gave " + self + " no read index: "
                    + (right ? "refused" : "not its answer"));
        }
        return answer.getReadIndex();
    }
}
