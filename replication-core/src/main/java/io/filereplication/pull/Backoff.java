package io.filereplication.pull;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses that double up to a ceiling, with jitter so that nodes do not come back together. Thread-safe. */
final class Backoff {
    private static final int MOST_DOUBLINGS = 40;

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** Between half and all of {@code initial} doubled {@code step} times, {@code ceiling} at most. */
    Duration pause(Duration initial, Duration ceiling, int step) {
        double doubled = initial.toNanos() * Math.pow(2, Math.min(step, MOST_DOUBLINGS));
        return jittered(Duration.ofNanos((long) Math.min(doubled, (double) ceiling.toNanos())));
    }

    /** Between half and all of {@code pause}. */
    Duration jittered(Duration pause) {
        long half = pause.toNanos() / 2;
        return Duration.ofNanos(pause.toNanos() - (long) (next() * half));
    }

    private synchronized double next() {
        return random.nextDouble();
    }
}
