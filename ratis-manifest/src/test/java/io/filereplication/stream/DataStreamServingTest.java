package io.filereplication.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.wire.Unproven;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.api.DataStreamApi;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reaches whom, and what whoever asks gets, without a network. */
class DataStreamServingTest {
    private static final RaftGroupId SERVED = RaftGroupId.valueOf(ServingNode.GROUP.value());
    private static final DataStreamApi OTHERS = (message, stream) -> 0;

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final ServingNode node =
            new ServingNode(NodeId.of("n1"), Set.of(NodeId.of("n1")), ServeConfig.defaults(), scheduler);
    private final Stream stream = new Stream();

    /** An unknown kind must not reach Ratis, which would answer it with more than it should know. */
    @ParameterizedTest
    @ValueSource(strings = {"46524550", "4652455001", "465245500100ffff", "46524550ff01", "46524550014d000000000000"})
    void whateverBeginsWithOurMagicNumberGetsTheUniformRefusal(String hex) throws Exception {
        serving(null).resolve(request(SERVED, hex)).transferTo(message(hex), stream);
        assertThat(stream.written).containsExactly(Unproven.message());
        assertThat(stream.open).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void ourMessageForAGroupThatNobodyServesGetsAnEndAndNothingElse() throws Exception {
        RaftGroupId other = RaftGroupId.randomId();
        ServeCapacity.Usage before = node.capacity.usage();
        stream.takesItsEnd = true;
        serving(null).resolve(request(other, "4652455001010000")).transferTo(message("4652455001010000"), stream);
        assertThat(stream.written).isEmpty();
        assertThat(stream.open).isFalse();
        assertThat(node.server().stats().unserved()).isEqualTo(1);
        assertThat(node.server().stats().authFailures()).isEmpty();
        assertThat(node.capacity.usage()).isEqualTo(before);
    }

    /** It is served when the group is there, and again when it has gone and come back. */
    @Test
    void aGroupIsServedFromWhenItIsAddedUntilItIsRemoved() throws Exception {
        DataStreamServing serving = serving(null);
        GroupId group = new GroupId(SERVED.getUuid());
        serving.resolve(request(SERVED, "46524550")).transferTo(message("46524550"), stream);
        assertThat(stream.written).hasSize(1);

        serving.remove(group);
        Stream unserved = new Stream();
        unserved.takesItsEnd = true;
        serving.resolve(request(SERVED, "46524550")).transferTo(message("46524550"), unserved);
        assertThat(unserved.written).isEmpty();
        assertThat(node.capacity.unserved()).isEqualTo(1);

        serving.add(group, node.server());
        Stream again = new Stream();
        serving.resolve(request(SERVED, "46524550")).transferTo(message("46524550"), again);
        assertThat(again.written).containsExactly(Unproven.message());
        assertThat(node.capacity.unserved()).isEqualTo(1);
    }

    @Test
    void whatIsNotOursIsLeftToWhoWasThereBefore() throws Exception {
        assertThat(serving(request -> OTHERS).resolve(request(SERVED, "01020304")))
                .isSameAs(OTHERS);
        assertThat(serving(request -> OTHERS).resolve(request(RaftGroupId.randomId(), "46524550")))
                .isSameAs(OTHERS);
        assertThat(serving(null).resolve(request(SERVED, "01020304"))).isNull();
        assertThat(serving(null).resolve(request(SERVED, ""))).isNull();
    }

    /** An exception would be serialized, with its stack trace, to whoever asked. */
    @Test
    void noFailureIsToldToWhoAsked() throws Exception {
        stream.failure = new IllegalStateException("a secret of the inside");
        serving(null).resolve(request(SERVED, "46524550")).transferTo(message("46524550"), stream);
        stream.failure = new StackOverflowError();
        serving(null).resolve(request(SERVED, "46524550")).transferTo(message("46524550"), stream);
        assertThat(stream.written).isEmpty();
    }

    /** Lesson 27: however many that read nothing are being refused, the next gets nothing, which takes no thread. */
    @Test
    void whoIsOneTooManyIsLeftWithoutAWord() throws Exception {
        DataStreamServing serving = serving(null);
        List<Stream> streams = new ArrayList<>();
        refuseAnotherWhileThisIsWritten(serving, streams);
        Stream dropped = streams.get(ServeCapacity.MAX_UNPROVEN_ANSWERS);
        assertThat(streams).hasSize(ServeCapacity.MAX_UNPROVEN_ANSWERS + 1);
        assertThat(dropped.written).isEmpty();
        assertThat(dropped.open).as("nothing is queued for it").isTrue();
    }

    /** The ends of those that no group serves count among the few answers to the unproven. */
    @Test
    void endsOfUnservedMessagesAreFewAtATime() throws Exception {
        DataStreamServing serving = serving(null);
        List<Stream> streams = new ArrayList<>();
        endAnotherWhileThisEnds(serving, streams);
        assertThat(streams).hasSize(ServeCapacity.MAX_UNPROVEN_ANSWERS + 1);
        assertThat(streams.get(ServeCapacity.MAX_UNPROVEN_ANSWERS).open)
                .as("nothing is queued for it")
                .isTrue();
        assertThat(node.capacity.unserved()).as("each of them").isEqualTo(streams.size());

        stream.takesItsEnd = true;
        serving.resolve(request(RaftGroupId.randomId(), "46524550")).transferTo(message("46524550"), stream);
        assertThat(stream.open).as("once they have left, there is room again").isFalse();
    }

    /** Whoever does not even take its end is given up, and the interrupt does not outlive that. */
    @Test
    void anEndThatIsNotTakenIsGivenUp() throws Exception {
        stream.onClose = () -> {
            scheduler.advance(ServeConfig.defaults().stallLimit());
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            throw new InterruptedIOException("given up");
        };
        serving(null).resolve(request(RaftGroupId.randomId(), "46524550")).transferTo(message("46524550"), stream);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(scheduler.pending()).isZero();
    }

    private static void endAnotherWhileThisEnds(DataStreamServing serving, List<Stream> streams) throws IOException {
        Stream next = new Stream();
        next.takesItsEnd = true;
        next.onClose = () -> endAnotherWhileThisEnds(serving, streams);
        streams.add(next);
        serving.resolve(request(RaftGroupId.randomId(), "46524550")).transferTo(message("46524550"), next);
    }

    private static void refuseAnotherWhileThisIsWritten(DataStreamServing serving, List<Stream> streams)
            throws IOException {
        Stream next = new Stream();
        next.onWrite = () -> refuseAnotherWhileThisIsWritten(serving, streams);
        streams.add(next);
        serving.resolve(request(SERVED, "46524550")).transferTo(message("46524550"), next);
    }

    private DataStreamServing serving(DataStreamApi.Resolver next) {
        DataStreamServing serving = new DataStreamServing(next, node.capacity);
        serving.add(new GroupId(SERVED.getUuid()), node.server());
        return serving;
    }

    private static RaftClientRequest request(RaftGroupId group, String hex) {
        return RaftClientRequest.newBuilder()
                .setClientId(ClientId.randomId())
                .setServerId(RaftPeerId.valueOf("n1"))
                .setGroupId(group)
                .setMessage(message(hex))
                .setType(RaftClientRequest.readRequestType())
                .build();
    }

    private static Message message(String hex) {
        return Message.valueOf(ByteString.copyFrom(HexFormat.of().parseHex(hex)));
    }

    private interface Write {
        void run() throws IOException;
    }

    /** As Ratis's: its end waits for the reader, who takes nothing, unless the thread is interrupted. */
    private static final class Stream implements WritableByteChannel {
        private final List<ByteBuffer> written = new ArrayList<>();
        private boolean open = true;
        private Throwable failure;
        private boolean takesItsEnd;
        private Write onWrite = () -> {};
        private Write onClose = () -> {};

        @Override
        public int write(ByteBuffer message) throws IOException {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            onWrite.run();
            written.add(ByteBuffer.allocate(message.remaining())
                    .put(message.duplicate())
                    .flip());
            return message.remaining();
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            onClose.run();
            if (takesItsEnd) {
                return;
            }
            assertThat(Thread.interrupted())
                    .as("the thread waits for the reader")
                    .isTrue();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while writing");
        }
    }
}
