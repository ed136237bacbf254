package io.filereplication.cli.node;

import io.filereplication.time.Ticker;
import java.time.Duration;

/** A moment on the monotonic clock. */
final class Deadline {
    private final Ticker clock;
    private final long at;

    Deadline(Ticker clock, Duration fromNow) {
        this.clock = clock;
        this.at = clock.nanoTime() + fromNow.toNanos();
    }

    boolean isOver() {
        return left().isZero();
    }

    /** What is left, not negative. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, at - clock.nanoTime()));
    }
}
