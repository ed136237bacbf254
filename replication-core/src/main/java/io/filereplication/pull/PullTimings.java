package io.filereplication.pull;

import io.filereplication.NodeId;
import java.time.Duration;

/**
 * Hears how long each step of a pull took, for whoever keeps distributions of them.
 *
 * <p>Called on workers, several at once, outside every lock: thread-safe, cheap, never blocking. What it throws is logged
 * once and changes nothing.
 */
public interface PullTimings {
    /** Hears nothing. */
    PullTimings NONE = new PullTimings() {};

    /** A pull waited so long in the queue for a worker; after a failed attempt it waits again. */
    default void waitedInQueue(Duration took) {}

    /** One exchange with {@code peer} brought {@code bytes} of {@code files} files, also when it failed half-way. */
    default void fetched(NodeId peer, int files, long bytes, Duration took) {}

    /** {@code bytes} that lay here already were hashed: a file at its path, or what an earlier attempt had staged. */
    default void verified(long bytes, Duration took) {}

    /** A file of {@code bytes} bytes was fsynced and renamed into its place. */
    default void published(long bytes, Duration took) {}

    /**
     * From the moment at which this node heard of a registration to its file being published here. Only of files that other
     * nodes wrote and that were pulled because of that news; what a walk found had been registered at some unknown time before.
     */
    default void registeredToPublished(Duration took) {}
}
