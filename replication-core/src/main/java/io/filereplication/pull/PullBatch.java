package io.filereplication.pull;

import io.filereplication.fetch.Fetcher;

/** How many small pulls one worker takes at once. */
final class PullBatch {
    /** How far into the queue a worker looks for small pulls to take along. */
    static final int LOOK_AHEAD = 2 * Fetcher.MAX_BATCH;

    /** Below this, sharing the queue among the workers costs more than it gains. */
    private static final int LEAST = 16;

    private PullBatch() {}

    /** A fair share of the queue, so that one worker does not leave the others idle. */
    static int sizeFor(int queued, int workers) {
        int share = (queued + workers - 1) / workers;
        return Math.min(Fetcher.MAX_BATCH, Math.max(LEAST, share));
    }

    static boolean isSmall(Pull pull) {
        return pull.entry().sizeBytes() <= Fetcher.SMALL_FILE_BYTES;
    }
}
