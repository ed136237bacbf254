package io.filereplication.serve;

import io.filereplication.wire.Protocol;
import java.time.Duration;

/**
 * The bounds of serving, of all groups of a node together.
 *
 * @param maxTransfers answers being sent at once, over all peers; each has a buffer of 1 MiB
 * @param maxTransfersPerPeer the same for one peer
 * @param maxSmallTransfers answers of at most {@link Protocol#SMALL_ANSWER_BYTES} being sent at once beyond those: bulk never gets
 *     these places, and one peer gets half of them
 * @param stallLimit how long one message of at most 1 MiB may take to leave before its reader is given up
 * @param waitInterval after how long without a message the peer is told to wait; part of what peers rely on
 */
public record ServeConfig(
        int maxTransfers, int maxTransfersPerPeer, int maxSmallTransfers, Duration stallLimit, Duration waitInterval) {
    /** What five workers of a peer, as many as it has by default, have out at once with two requests each. */
    private static final int MIN_REFUSALS_PER_PEER = 10;
    /** So that one peer does not take all. */
    private static final int MIN_REFUSALS = 2 * MIN_REFUSALS_PER_PEER;

    public ServeConfig {
        if (maxTransfers < 1 || maxTransfers > 1_024) {
            throw new IllegalArgumentException("maxTransfers is " + maxTransfers + ", allowed are 1 to 1024");
        }
        if (maxTransfersPerPeer < 1 || maxTransfersPerPeer > maxTransfers) {
            throw new IllegalArgumentException("maxTransfersPerPeer is " + maxTransfersPerPeer
                    + ", allowed are 1 to maxTransfers, which is " + maxTransfers);
        }
        if (maxSmallTransfers < 1 || maxSmallTransfers > 1_024) {
            throw new IllegalArgumentException("maxSmallTransfers is " + maxSmallTransfers + ", allowed are 1 to 1024");
        }
        if (waitInterval.compareTo(Duration.ofMillis(10)) < 0 || waitInterval.compareTo(Duration.ofSeconds(1)) > 0) {
            throw new IllegalArgumentException("waitInterval is " + waitInterval + ", allowed are 10 ms to 1 s");
        }
        if (stallLimit.compareTo(waitInterval) < 0) {
            throw new IllegalArgumentException(
                    "stallLimit is " + stallLimit + ", which is shorter than waitInterval, " + waitInterval);
        }
    }

    /** 24 transfers, 16 with one peer, 4 more for small requests, 30 s, 1 s. */
    public static ServeConfig defaults() {
        return new ServeConfig(24, 16, 4, Duration.ofSeconds(30), Duration.ofSeconds(1));
    }

    /**
     * Refusals of whole requests to members being written at once. Each holds a thread, for as long as what is before it on its
     * connection takes to leave.
     */
    public int maxRefusals() {
        return Math.max(MIN_REFUSALS, maxTransfers);
    }

    /** The same to one member: it may have more requests out than it has places for transfers, and all are to be answered. */
    public int maxRefusalsPerPeer() {
        return Math.max(MIN_REFUSALS_PER_PEER, maxTransfersPerPeer);
    }

    /** How many threads have to call the servers: one for each that may be answered at once, so that none waits for a thread. */
    public int threads() {
        return maxTransfers
                + maxSmallTransfers
                + maxRefusals()
                + ServeCapacity.MAX_STRANGERS_REFUSALS
                + ServeCapacity.MAX_SESSIONLESS_ANSWERS
                + 2 * ServeCapacity.MAX_UNPROVEN_ANSWERS;
    }
}
