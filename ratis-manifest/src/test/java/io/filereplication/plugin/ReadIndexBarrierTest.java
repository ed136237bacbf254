package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.filereplication.time.ManualScheduler;
import io.filereplication.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The barrier passes when this node has applied what was committed, however long the leader takes, and not before. */
class ReadIndexBarrierTest {
    private final ManualScheduler time = new ManualScheduler();
    private final Deque<CompletableFuture<Long>> answers = new ArrayDeque<>();
    private long applied = -1;
    private int asked;
    private boolean onWorker;
    private boolean askedOnWorkersOnly = true;
    private final ReadIndexBarrier barrier =
            new ReadIndexBarrier("barrier", this::ask, () -> applied, new WorkersMarked());

    /** Says which tasks run on a worker. */
    private final class WorkersMarked implements Scheduler {
        @Override
        public void execute(Runnable task) {
            time.execute(() -> {
                onWorker = true;
                task.run();
                onWorker = false;
            });
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return time.schedule(delay, task);
        }

        @Override
        public void sleep(Duration duration) {
            throw new AssertionError("Nobody sleeps here");
        }

        @Override
        public void close() {
            time.close();
        }

        @Override
        public long nanoTime() {
            return time.nanoTime();
        }
    }

    private CompletableFuture<Long> ask() throws IOException {
        asked++;
        askedOnWorkersOnly &= onWorker;
        if (answers.isEmpty()) {
            throw new IOException("There is no leader");
        }
        return answers.remove();
    }

    @AfterEach
    void asksOnWorkersOnly() {
        assertThat(askedOnWorkersOnly).isTrue();
    }

    @Test
    void passesWhenTheCommittedIsApplied() {
        answers.add(CompletableFuture.completedFuture(7L));
        CompletableFuture<Long> passed = barrier.pass();
        time.advance(Duration.ofSeconds(1));
        assertThat(passed).isNotDone();
        applied = 6;
        time.advance(Duration.ofSeconds(1));
        assertThat(passed).isNotDone();
        applied = 9;
        time.advance(Duration.ofSeconds(1));

        assertThat(passed.join()).isEqualTo(7);
        assertThat(asked).isEqualTo(1);
        assertThat(time.timers()).isZero();
    }

    /** Lesson 37: whoever reaches no leader proves nothing, however long it tries. */
    @Test
    void neverPassesWithoutALeader() {
        applied = 100;
        CompletableFuture<Long> passed = barrier.pass();
        time.advance(Duration.ofMinutes(10));

        assertThat(passed).isNotDone();
        assertThat(asked).isGreaterThan(1_000);
    }

    /** Lesson 37: a leader that is cut off in the middle of the question. */
    @Test
    void asksAgainWhenNoAnswerComesInTime() {
        applied = 100;
        CompletableFuture<Long> lost = new CompletableFuture<>();
        answers.add(lost);
        answers.add(CompletableFuture.completedFuture(50L));
        CompletableFuture<Long> passed = barrier.pass();
        time.advance(ReadIndexBarrier.ANSWER_LIMIT.minusMillis(1));
        assertThat(asked).isEqualTo(1);
        time.advance(ReadIndexBarrier.RETRY.plusMillis(1));

        assertThat(passed.join()).isEqualTo(50);
        lost.complete(3L);
        assertThat(passed.join()).isEqualTo(50);
    }

    @Test
    void asksAgainWhenNoWorkerHadRoomOnce() {
        applied = 100;
        for (int accepted = 0; accepted < 3; accepted++) {
            asked = 0;
            time.refuseAfter(accepted);
            CompletableFuture<Long> passed = barrier.pass();
            time.advance(Duration.ofSeconds(1));
            assertThat(passed).isNotDone();
            answers.add(CompletableFuture.completedFuture(50L));
            time.advance(Duration.ofSeconds(1));

            assertThat(passed).as("after %s", accepted).isCompletedWithValue(50L);
        }
    }

    @Test
    void stopsWhenNobodyWantsIt() {
        CompletableFuture<Long> passed = barrier.pass();
        time.advance(Duration.ofSeconds(1));
        passed.cancel(false);
        time.advance(Duration.ofSeconds(1));

        assertThat(time.timers()).isZero();
        assertThat(time.waiting()).isZero();
    }

    @Test
    void takesTheIndexOnlyFromTheLeadersOwnSuccess() {
        RaftGroupMemberId self = RaftGroupMemberId.valueOf(RaftPeerId.valueOf("n1"), RaftGroupId.randomId());
        RaftPeerId leader = RaftPeerId.valueOf("n2");
        RaftGroupId otherGroup = RaftGroupId.randomId();

        assertThat(RaftReadIndex.index(reply("n1", "n2", self.getGroupId(), true, 42), self, leader))
                .isEqualTo(42);
        for (ReadIndexReplyProto wrong : new ReadIndexReplyProto[] {
            reply("n1", "n2", self.getGroupId(), false, 42),
            reply("n1", "n3", self.getGroupId(), true, 42),
            reply("n3", "n2", self.getGroupId(), true, 42),
            reply("n1", "n2", otherGroup, true, 42),
            reply("n1", "n2", self.getGroupId(), true, -1),
            ReadIndexReplyProto.getDefaultInstance()
        }) {
            assertThatIllegalStateException().isThrownBy(() -> RaftReadIndex.index(wrong, self, leader));
        }
    }

    private static ReadIndexReplyProto reply(String to, String from, RaftGroupId group, boolean success, long index) {
        return ReadIndexReplyProto.newBuilder()
                .setServerReply(ClientProtoUtils.toRaftRpcReplyProtoBuilder(
                        ByteString.copyFromUtf8(to), ByteString.copyFromUtf8(from), group, null, success))
                .setReadIndex(index)
                .build();
    }
}
