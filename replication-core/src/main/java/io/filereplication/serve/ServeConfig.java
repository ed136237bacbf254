package io.filereplication.serve;

import java.time.Duration;

/**
 * The bounds of serving.
 *
 * @param maxTransfers answers being sent at once, over all peers; each has a buffer of 1 MiB. Fewer than the threads that
 *     call the server, so that hellos and refusals are always answered
 * @param maxTransfersPerPeer the same for one peer
 * @param stallLimit how long one message of at most 1 MiB may take to leave before its reader is given up
 * @param waitInterval after how long without a message the peer is told to wait; part of what peers rely on
 */
public record ServeConfig(int maxTransfers, int maxTransfersPerPeer, Duration stallLimit, Duration waitInterval) {
    public ServeConfig {
        if (maxTransfers < 1 || maxTransfers > 1_024) {
            throw new IllegalArgumentException("maxTransfers is " + maxTransfers + ", allowed are 1 to 1024");
        }
        if (maxTransfersPerPeer < 1 || maxTransfersPerPeer > maxTransfers) {
            throw new IllegalArgumentException("maxTransfersPerPeer is " + maxTransfersPerPeer
                    + ", allowed are 1 to maxTransfers, which is " + maxTransfers);
        }
        if (waitInterval.compareTo(Duration.ofMillis(10)) < 0 || waitInterval.compareTo(Duration.ofSeconds(1)) > 0) {
            throw new IllegalArgumentException("waitInterval is " + waitInterval + ", allowed are 10 ms to 1 s");
        }
        if (stallLimit.compareTo(waitInterval) < 0) {
            throw new IllegalArgumentException(
                    "stallLimit is " + stallLimit + ", which is shorter than waitInterval, " + waitInterval);
        }
    }

    /** 24 transfers, 16 with one peer, 30 s, 1 s. */
    public static ServeConfig defaults() {
        return new ServeConfig(24, 16, Duration.ofSeconds(30), Duration.ofSeconds(1));
    }
}
