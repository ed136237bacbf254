package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.client.ManifestTransport;
import io.filereplication.time.ManualScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** What is proposed is counted, whatever becomes of it. */
class MeasuredTransportTest {
    private final ManualScheduler time = new ManualScheduler();
    private final Deque<CompletableFuture<ByteString>> asked = new ArrayDeque<>();
    private final Wire wire = new Wire();
    private final MeasuredTransport measured = new MeasuredTransport(wire, time);

    @Test
    void proposalsAreInFlightUntilTheyAreAnswered() {
        var unused = measured.propose(ByteString.EMPTY);
        var another = measured.propose(ByteString.EMPTY);
        assertThat(measured.numbers().inFlight()).isEqualTo(2);

        time.advance(Duration.ofMillis(15));
        asked.remove().complete(ByteString.EMPTY);
        asked.remove().completeExceptionally(new IllegalStateException("no leader"));

        ClientNumbers numbers = measured.numbers();
        assertThat(another).isCompletedExceptionally();
        assertThat(numbers.proposals()).isEqualTo(2);
        assertThat(numbers.failures()).isEqualTo(1);
        assertThat(numbers.inFlight()).isZero();
        assertThat(numbers.latency().count()).isEqualTo(2);
        assertThat(numbers.latency().sumSeconds()).isEqualTo(0.03);
    }

    @Test
    void aTransportThatThrowsHasFailed() {
        wire.isBroken = true;

        assertThatThrownBy(() -> measured.propose(ByteString.EMPTY)).hasMessage("broken");

        assertThat(measured.numbers().failures()).isEqualTo(1);
        assertThat(measured.numbers().inFlight()).isZero();
    }

    @Test
    void questionsAreNoProposals() {
        assertThat(measured.ask(ByteString.EMPTY)).isNotDone();

        assertThat(measured.numbers().proposals()).isZero();
    }

    @Test
    void closingClosesWhatIsBeneath() {
        measured.close();

        assertThat(wire.isClosed).isTrue();
    }

    private final class Wire implements ManifestTransport {
        private boolean isBroken;
        private boolean isClosed;

        @Override
        public CompletableFuture<ByteString> propose(ByteString entry) {
            if (isBroken) {
                throw new IllegalStateException("broken");
            }
            return ask(entry);
        }

        @Override
        public CompletableFuture<ByteString> ask(ByteString query) {
            CompletableFuture<ByteString> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
