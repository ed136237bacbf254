package io.filereplication.pull;

import java.time.Duration;

/** Numbers of this moment; {@link PullerStats} says what they mean. */
record PullGauges(
        long queueDepth,
        long inFlight,
        long missing,
        long missingBytes,
        Duration oldestMissing,
        long unavailable,
        long gating,
        long gatingFailed,
        boolean paused,
        boolean full) {
    static final PullGauges NOTHING = new PullGauges(0, 0, 0, 0, Duration.ZERO, 0, 0, 0, false, false);
}
