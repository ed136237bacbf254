package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.fetch.Fetcher;

/** How many small pulls one worker takes at once. */
final class PullBatch {
    /** Below this, sharing the queue among the workers costs more than it gains. */
    private static final int LEAST = 16;

    private PullBatch() {}

    /** A fair share of the queue, so that one worker does not leave the others idle. */
    static int sizeFor(int queued, int workers) {
        int share = (queued + workers - 1) / workers;
        return Math.min(Fetcher.MAX_BATCH, Math.max(LEAST, share));
    }

    /** Whether pulls of it share exchanges; everything else is bulk. */
    static boolean isSmall(FileEntry entry) {
        return entry.sizeBytes() <= Fetcher.SMALL_FILE_BYTES;
    }
}
