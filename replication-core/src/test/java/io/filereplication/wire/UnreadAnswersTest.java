package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.loopback.ServingNode;
import io.filereplication.serve.AnswerChannel;
import io.filereplication.serve.ServeCapacity;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks on a whole serving node by somebody who does not know the secret, records what others send, and reads no answers: on his
 * connections nothing leaves any more. Each begins with honest exchanges that succeed and ends with another, and with everything
 * as it was.
 */
class UnreadAnswersTest extends ServerAdversaryFixture {
    private static final byte[] NOISE = {1, 2, 3};

    private interface Step {
        void run() throws IOException, WireException;
    }

    /** Sends the messages one after another, while the answers to those before do not leave; then runs {@code step}. */
    private void whileUnread(List<byte[]> messages, Step step) throws IOException, WireException {
        if (messages.isEmpty()) {
            step.run();
            return;
        }
        List<byte[]> rest = messages.subList(1, messages.size());
        boolean answered = node.server().serve(ByteBuffer.wrap(messages.get(0)).asReadOnlyBuffer(), stuck -> {
            try {
                whileUnread(rest, step);
            } catch (WireException e) {
                throw new IOException(e);
            }
        });
        if (!answered) {
            whileUnread(rest, step);
        }
    }

    private ClientHandshake handshake() {
        return new ClientHandshake(ServingNode.credentials(CLIENT), SERVER, random);
    }

    private static List<byte[]> times(int count, byte[] message) {
        return Stream.generate(() -> message).limit(count).toList();
    }

    /** Lesson 27: what can be sent again and again takes no place of those for hellos that are new. */
    @Test
    void aHelloIsAnsweredWhileAnOutsiderHoldsEveryPlaceThatHeCanHaveAgainAndAgain() throws Exception {
        State state = state();
        ClientHandshake overheard = handshake();
        List<ByteBuffer> itsAnswer = serve(Wired.copy(overheard.hello()));
        List<byte[]> flood = new ArrayList<>(times(10, NOISE));
        flood.addAll(times(10, hello));
        flood.addAll(times(10, Wired.copy(overheard.hello())));
        List<ServeCapacity.Usage> within = new ArrayList<>();

        whileUnread(flood, () -> {
            within.add(node.capacity.usage());
            connectAnew();
            askHonestly();
        });

        assertThat(within.get(0).unprovenAnswers()).isEqualTo(ServeCapacity.MAX_UNPROVEN_ANSWERS);
        assertThat(within.get(0).sessionlessAnswers()).isEqualTo(ServeCapacity.MAX_SESSIONLESS_ANSWERS);
        assertThat(within.get(0).helloAnswers()).isZero();
        assertThat(node.server().stats().unanswered())
                .isEqualTo(flood.size() - ServeCapacity.MAX_UNPROVEN_ANSWERS - ServeCapacity.MAX_SESSIONLESS_ANSWERS);
        session = overheard.complete(itsAnswer.get(0));
        askHonestly();
        assertAllIsAsIn(state);
    }

    /** Each recorded hello that the server has not heard is good for one place once, and one that got none is used up as well. */
    @Test
    void recordedHellosTakeThePlacesOfHellosOnce() throws Exception {
        State state = state();
        List<byte[]> recorded = new ArrayList<>();
        for (int i = 0; i < ServeCapacity.MAX_UNPROVEN_ANSWERS; i++) {
            recorded.add(Wired.copy(handshake().hello()));
        }
        byte[] unanswered = Wired.copy(handshake().hello());
        List<ServeCapacity.Usage> within = new ArrayList<>();
        whileUnread(recorded, () -> {
            within.add(node.capacity.usage());
            assertThat(serve(unanswered)).as("a genuine one meanwhile").isEmpty();
        });
        assertThat(within.get(0).helloAnswers()).isEqualTo(ServeCapacity.MAX_UNPROVEN_ANSWERS);

        recorded.add(unanswered);
        whileUnread(recorded, () -> {
            within.add(node.capacity.usage());
            connectAnew();
            askHonestly();
        });

        assertThat(within.get(1).helloAnswers()).isZero();
        assertThat(within.get(1).sessionlessAnswers()).isEqualTo(ServeCapacity.MAX_SESSIONLESS_ANSWERS);
        assertNothingIsLeft(state.with(state.proven(), recorded.size()));
        scheduler.advance(Duration.ofSeconds(31));
        assertAllIsAsIn(state);
    }

    /** Whatever the server cannot greet now is answered apart, since such a hello is not used up. */
    @Test
    void aHelloIsAnsweredWhileThoseWithoutACommonVersionAreNotRead() throws Exception {
        State state = state();
        byte[] newer = Wired.copy(new ClientHandshake(ServingNode.credentials(CLIENT), SERVER, random, 2, 3).hello());

        whileUnread(times(10, newer), () -> {
            assertThat(node.capacity.usage().helloAnswers()).isZero();
            connectAnew();
            askHonestly();
        });

        assertAllIsAsIn(state);
    }

    private interface Attack {
        void sendTo(UnreadAnswersTest at, AnswerChannel unread) throws IOException;
    }

    static Stream<Arguments> ofOutsiders() {
        return Stream.of(
                Arguments.of("a new hello", (Attack)
                        (at, unread) -> at.node.server().serve(at.handshake().hello(), unread)),
                Arguments.of("a repeated hello", (Attack) (at, unread) -> {
                    ClientHandshake overheard = at.handshake();
                    at.serve(Wired.copy(overheard.hello()));
                    at.node.server().serve(overheard.hello(), unread);
                }),
                Arguments.of("noise", (Attack) (at, unread) -> at.node.server().serve(ByteBuffer.wrap(NOISE), unread)),
                Arguments.of(
                        "a message for another group", (Attack) (at, unread) -> at.node.capacity.endUnserved(unread)));
    }

    /** The message is the transport's already: nobody waits for an outsider as for a reader of a file. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("ofOutsiders")
    void anOutsiderThatReadsNothingIsGivenUpAfterThreeSeconds(String name, Attack attack) {
        State state = state();
        long begun = scheduler.nanoTime();

        assertThatThrownBy(() -> attack.sendTo(this, this::stayUntilInterrupted))
                .isInstanceOf(InterruptedIOException.class);

        assertThat(Duration.ofNanos(scheduler.nanoTime() - begun)).isEqualTo(ServeCapacity.UNPROVEN_LIMIT);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(node.capacity.usage()).isEqualTo(state.usage());
        scheduler.advance(Duration.ofSeconds(31));
        assertNothingIsLeft(state);
    }

    /** A refusal that leaves behind what is being sent to a member is waited for as long as that. */
    @Test
    void aMembersRefusalIsWaitedForAsLongAsAnyAnswerOfAMember() {
        State state = state();
        node.server().pause();
        byte[] request = Wired.copy(session.request(List.of(wanted())).message());
        long begun = scheduler.nanoTime();

        assertThatThrownBy(() -> node.server().serve(ByteBuffer.wrap(request), this::stayUntilInterrupted))
                .isInstanceOf(InterruptedIOException.class);

        assertThat(Duration.ofNanos(scheduler.nanoTime() - begun)).isEqualTo(Duration.ofSeconds(30));
        assertNothingIsLeft(state);
    }

    private void stayUntilInterrupted(ByteBuffer message) throws IOException {
        while (!Thread.currentThread().isInterrupted()) {
            scheduler.advance(Duration.ofMillis(100));
        }
        throw new InterruptedIOException("given up");
    }
}
