package io.filereplication.plugin;

import io.filereplication.pull.Barrier;
import io.filereplication.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.ratis.client.impl.ClientProtoUtils;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The barrier by Raft's read index (Raft dissertation, section 6.4): the leader, having confirmed that it still is one,
 * names its commit index, and this node waits until it has applied that far.
 *
 * <p>It asks for the index itself instead of sending a read to its own server, because a read is linearizable only where
 * {@code raft.server.read.option} says so, and that option belongs to the application.
 */
final class ReadIndexBarrier implements Barrier {
    private static final Logger LOG = LoggerFactory.getLogger(ReadIndexBarrier.class);
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration APPLIED_POLL = Duration.ofMillis(5);

    private final Supplier<@Nullable RaftServer> server;
    private final RaftGroupId group;
    private final ClientId clientId = ClientId.randomId();
    private final Scheduler scheduler;

    ReadIndexBarrier(Supplier<@Nullable RaftServer> server, RaftGroupId group, Scheduler scheduler) {
        this.server = server;
        this.group = group;
        this.scheduler = scheduler;
    }

    @Override
    public CompletableFuture<Long> pass() {
        CompletableFuture<Long> passed = new CompletableFuture<>();
        ask(passed);
        return passed;
    }

    private void ask(CompletableFuture<Long> passed) {
        if (passed.isDone()) {
            return;
        }
        CompletableFuture<Long> asked;
        try {
            asked = readIndex();
        } catch (IOException | RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        var unused = asked.whenComplete((index, failure) -> {
            if (failure == null) {
                awaitApplied(index, passed);
            } else {
                LOG.debug("{}: no read index yet", this, failure);
                scheduler.schedule(RETRY, () -> ask(passed));
            }
        });
    }

    private CompletableFuture<Long> readIndex() throws IOException {
        RaftServer running = server.get();
        if (running == null) {
            throw new IOException("The server is not running");
        }
        RaftServer.Division division = running.getDivision(group);
        RaftPeerId leader = division.getInfo().getLeaderId();
        if (leader == null) {
            throw new IOException("There is no leader");
        }
        ReadIndexRequestProto request = request(division.getMemberId(), leader);
        CompletableFuture<ReadIndexReplyProto> reply;
        if (!leader.equals(running.getId())) {
            reply = running.getServerRpc().async().readIndexAsync(request);
        } else if (division.getInfo().isLeaderReady()) {
            reply = running.readIndexAsync(request);
        } else {
            // A leader that has committed nothing in its term does not know yet what its predecessors committed.
            throw new IOException("The leader is not ready");
        }
        return reply.thenApply(answer -> {
            if (!answer.getServerReply().getSuccess()) {
                throw new IllegalStateException("The leader " + leader + " gave no read index");
            }
            return answer.getReadIndex();
        });
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

    private void awaitApplied(long index, CompletableFuture<Long> passed) {
        if (passed.isDone()) {
            return;
        }
        if (applied() >= index) {
            passed.complete(index);
        } else {
            scheduler.schedule(APPLIED_POLL, () -> awaitApplied(index, passed));
        }
    }

    private long applied() {
        RaftServer running = server.get();
        try {
            return running == null ? -1 : running.getDivision(group).getInfo().getLastAppliedIndex();
        } catch (IOException e) {
            LOG.debug("{}: the group is not served here", this, e);
            return -1;
        }
    }

    @Override
    public String toString() {
        return group + "-barrier";
    }
}
