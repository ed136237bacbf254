package io.filereplication.fetch;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waits of one fetch, in slices so short that a cancellation is noticed at once. Used by one thread. */
final class Waiting {
    private static final Duration SLICE = Duration.ofMillis(100);

    private final Scheduler scheduler;
    private final BooleanSupplier cancelled;

    /** Waits that end with {@link FetchCancelledException} once {@code cancelled} is true. */
    Waiting(Scheduler scheduler, BooleanSupplier cancelled) {
        this.scheduler = scheduler;
        this.cancelled = cancelled;
    }

    void check() throws FetchCancelledException {
        if (cancelled.getAsBoolean()) {
            throw new FetchCancelledException("The fetch was cancelled");
        }
    }

    long nanoTime() {
        return scheduler.nanoTime();
    }

    /** Sleeps no longer than a slice of {@code nanos}. */
    void sleepSlice(long nanos) throws FetchCancelledException, InterruptedException {
        check();
        scheduler.sleep(Duration.ofNanos(Math.min(nanos, SLICE.toNanos())));
    }

    void sleep(Duration duration) throws FetchCancelledException, InterruptedException {
        long until = nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - nanoTime()) {
            sleepSlice(left);
        }
        check();
    }

    /** The next packet of {@code answer}, or null when none came in {@code nanos}. */
    PeerTransport.@Nullable Packet next(PeerTransport.Answer answer, long nanos)
            throws FetchCancelledException, UnreachableException, InterruptedException {
        long until = nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - nanoTime()) {
            check();
            PeerTransport.Packet packet = answer.next(Duration.ofNanos(Math.min(left, SLICE.toNanos())));
            if (packet != null) {
                return packet;
            }
        }
        return null;
    }
}
