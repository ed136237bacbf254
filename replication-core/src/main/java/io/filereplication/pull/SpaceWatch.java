package io.filereplication.pull;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds pulling while the storage is full: for a pause that grows with every try that finds no room, and no longer than until
 * something was removed. Thread-safe; never blocks.
 */
final class SpaceWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);

    private final PullerCore core;
    private int pauses;

    SpaceWatch(PullerCore core) {
        this.core = core;
    }

    /** The storage is full. */
    void gone() {
        if (core.board().spaceIsGone()) {
            core.log().failure(LOG, "the storage is full; pulling pauses until there is space");
            int step;
            synchronized (this) {
                step = pauses++;
            }
            PullerConfig config = core.config();
            core.scheduler()
                    .schedule(
                            core.backoff().pause(config.fullPause(), config.maxFailedBackoff(), step),
                            core.board()::spaceReturned);
        }
    }

    /** The storage took something: it is not full. */
    synchronized void used() {
        pauses = 0;
    }

    /** Something was removed. */
    void returned() {
        used();
        core.board().spaceReturned();
    }
}
