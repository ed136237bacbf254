package io.filereplication.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory is bounded by operations and bytes, a log entry too, and order is kept. */
@Timeout(60)
class PendingCallsTest {
    private static final ManifestClientSettings SETTINGS = new ManifestClientSettings(
            100, 64 * 1024, 10, 16 * 1024, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(2));

    private final PendingCalls pending = new PendingCalls(SETTINGS);

    private static Call call(int bytes) {
        return new Call(
                new OperationId(1, bytes),
                List.of(Operation.delete(FilePath.of("a"), "test")),
                bytes,
                0,
                new CompletableFuture<>());
    }

    @Test
    void aLogEntryHoldsNeitherMoreOperationsNorMoreBytesThanAllowed() throws Exception {
        List<Call> all = new ArrayList<>();
        int[] sizes = {1, 9_000, 9_000, 16_384, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
        for (int bytes : sizes) {
            Call call = call(bytes);
            all.add(call);
            pending.add(call);
        }
        List<Call> seen = new ArrayList<>();
        for (List<Call> entry = pending.nextEntry(); !entry.isEmpty(); entry = pending.nextEntry()) {
            assertThat(entry).hasSizeLessThanOrEqualTo(10);
            assertThat(entry.stream().mapToInt(Call::bytes).sum()).isLessThanOrEqualTo(16 * 1024);
            seen.addAll(entry);
        }
        assertThat(seen).isEqualTo(all);
    }

    @Test
    void refusesBytesBeyondTheBoundAndTakesThemAgainWhenOthersAreAnswered() throws Exception {
        for (int i = 0; i < 4; i++) {
            pending.add(call(16 * 1024));
        }
        assertThatThrownBy(() -> pending.add(call(1))).isInstanceOf(TooManyPendingException.class);
        List<Call> entry = pending.nextEntry();
        // What is on its way still takes room.
        assertThatThrownBy(() -> pending.add(call(1))).isInstanceOf(TooManyPendingException.class);

        pending.release(entry);

        pending.add(call(1));
    }

    @Test
    void whoWaitsForRoomGoesOnWhenThereIsSome() throws Exception {
        for (int i = 0; i < 4; i++) {
            pending.add(call(16 * 1024));
        }
        Waiter waiter = new Waiter();
        waiter.awaitBlocked();

        pending.release(pending.nextEntry());

        waiter.thread.join();
        assertThat(waiter.failure.get()).isNull();
        assertThat(pending.operations()).isEqualTo(4);
    }

    @Test
    void whoWaitsForRoomIsLetGoWhenTheClientCloses() throws Exception {
        for (int i = 0; i < 4; i++) {
            pending.add(call(16 * 1024));
        }
        Waiter waiter = new Waiter();
        waiter.awaitBlocked();

        assertThat(pending.close()).hasSize(4);

        waiter.thread.join();
        assertThat(waiter.failure.get()).isInstanceOf(NotProposedException.class);
    }

    /** A caller that blocks until its call has room. */
    private final class Waiter {
        final AtomicReference<Exception> failure = new AtomicReference<>();
        final Thread thread = new Thread(() -> {
            try {
                pending.addWhenRoom(call(16 * 1024));
            } catch (ManifestClientException | InterruptedException e) {
                failure.set(e);
            }
        });

        Waiter() {
            thread.start();
        }

        void awaitBlocked() {
            while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
                Thread.onSpinWait();
            }
        }
    }
}
