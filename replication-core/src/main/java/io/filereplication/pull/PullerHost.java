package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.InstantSource;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * What the process around a puller lends it.
 *
 * @param barrier proves that this node has applied what was committed
 * @param events the application's ears
 * @param scheduler runs everything the puller does; give it {@link PullerConfig#threads()} workers. Not closed by the puller
 * @param wallClock only for the times shown in the statistics, and for when a scrub is due after a restart
 * @param random jitter; need not be thread-safe when nobody else uses it
 */
public record PullerHost(
        Barrier barrier, FileEvents events, Scheduler scheduler, InstantSource wallClock, RandomGenerator random) {
    public PullerHost {
        Objects.requireNonNull(barrier, "barrier");
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(wallClock, "wallClock");
        Objects.requireNonNull(random, "random");
    }
}
