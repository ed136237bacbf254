package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.StorageException;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes every file again, slowly, from time to time: what has rotted is pulled from peers, at the origin too. One lane,
 * one file per task. The first scrub begins within a seventh of the interval, at a random moment.
 */
final class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
    private static final int FIRST_WITHIN = 7;

    private final PullerCore core;
    private final SerialTask lane;
    private @Nullable FilePath cursor;
    private Scheduler.@Nullable Cancellable timer;
    private boolean closed;

    Scrub(PullerCore core) {
        this.core = core;
        this.lane = new SerialTask(core.scheduler(), core.active(), this::scrubOne);
    }

    void start() {
        scheduleIn(core.config().scrubInterval().dividedBy(FIRST_WITHIN));
    }

    private synchronized void scheduleIn(Duration atMost) {
        if (!closed) {
            timer = core.scheduler().schedule(core.backoff().jittered(atMost), lane::request);
        }
    }

    private void scrubOne() throws InterruptedException {
        List<LocalRecord> page = core.files().page(cursor, 1);
        if (page.isEmpty()) {
            cursor = null;
            scheduleIn(core.config().scrubInterval());
            return;
        }
        LocalRecord record = page.get(0);
        cursor = record.version().path();
        FileEntry entry = core.manifest().get(cursor);
        if (entry != null && entry.version().equals(record.version())) {
            try {
                scrub(entry);
            } catch (StorageException e) {
                core.counters().add(Count.STORAGE_FAILURE);
                LOG.warn("{} could not be scrubbed", entry.version(), e);
            }
        }
        lane.request();
    }

    private void scrub(FileEntry entry) throws StorageException, InterruptedException {
        if (!isWhole(entry)) {
            LOG.warn("{} is not on the disk any more as it was published: it is pulled again", entry.version());
            core.files().suspect(entry.version());
            if (core.board().offer(entry, Occasion.ROTTEN) == PullBoard.Offer.FULL) {
                core.board().deferred(entry.contentLsn());
            }
        }
    }

    /** What cannot be read is rotten, too, unless it is this thread that was interrupted. */
    private boolean isWhole(FileEntry entry) throws StorageException, InterruptedException {
        try {
            return core.files().verify(entry, core.config().scrubBytesPerSecond()) == LocalFiles.Presence.HERE;
        } catch (StorageException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            core.counters().add(Count.STORAGE_FAILURE);
            LOG.warn("{} could not be read", entry.version(), e);
            return false;
        }
    }

    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
