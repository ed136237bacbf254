package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.Memo;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.StorageException;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes every file again, slowly, from time to time: what has rotted is pulled from peers, at the origin too. One lane,
 * one file per task.
 *
 * <p>When a scrub began and how far it came is kept over restarts, so that a node that is restarted every day scrubs all of
 * its files as well. The first one ever begins within a seventh of the interval, at a random moment.
 */
final class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
    private static final int FIRST_WITHIN = 7;
    /** One that a restart interrupted goes on within this share of the interval: ten minutes of a week. */
    private static final int RESUMED_WITHIN = 1_000;

    private static final Duration KEEP_EVERY = Duration.ofMinutes(1);

    private final PullerCore core;
    private final InstantSource wallClock;
    private final SerialTask lane;
    private Scheduler.@Nullable Cancellable timer;
    private boolean closed;

    // Of the lane.
    private boolean planned;
    private boolean running;
    private long begunMillis;
    private @Nullable FilePath cursor;
    private long keptNanos;

    /** {@code wallClock} says when a scrub is due over restarts. */
    Scrub(PullerCore core, InstantSource wallClock) {
        this.core = core;
        this.wallClock = wallClock;
        this.lane = new SerialTask(core.scheduler(), core.active(), this::step);
    }

    void start() {
        lane.request();
    }

    /** When the next one begins, or the one goes on that a restart interrupted. */
    private void plan() {
        planned = true;
        Duration interval = core.config().scrubInterval();
        ScrubProgress last = ScrubProgress.parse(core.files().memo(Memo.SCRUB));
        if (last == null) {
            // Kept as if one had begun some time ago, or a process that never lives long enough would never begin one.
            Duration first = core.backoff().jittered(interval.dividedBy(FIRST_WITHIN));
            begunMillis = wallClock.millis() - interval.minus(first).toMillis();
            keep();
            scheduleIn(first);
            return;
        }
        begunMillis = last.begunMillis();
        cursor = last.cursor();
        running = !last.finished();
        Duration soonest = core.backoff().jittered(interval.dividedBy(RESUMED_WITHIN));
        // A clock that was set back must not put the next one off for longer than the interval.
        Duration passed = Duration.ofMillis(Math.max(0, wallClock.millis() - begunMillis));
        Duration left = core.backoff().jittered(interval).minus(passed);
        scheduleIn(running || left.compareTo(soonest) < 0 ? soonest : left);
    }

    private synchronized void scheduleIn(Duration pause) {
        if (!closed) {
            timer = core.scheduler().schedule(pause, lane::request);
        }
    }

    private void step() throws InterruptedException {
        try {
            if (planned) {
                scrubOne();
            } else {
                plan();
            }
        } catch (RuntimeException e) {
            core.log().error(LOG, "a scrub broke off and goes on later", e);
            scheduleIn(core.backoff().jittered(core.config().scrubInterval().dividedBy(RESUMED_WITHIN)));
        }
    }

    private void scrubOne() throws InterruptedException {
        if (!running) {
            running = true;
            begunMillis = wallClock.millis();
            cursor = null;
            keep();
        }
        List<LocalRecord> page = core.files().page(cursor, 1);
        if (page.isEmpty()) {
            running = false;
            keep();
            scheduleIn(core.backoff().jittered(core.config().scrubInterval()));
            return;
        }
        LocalRecord record = page.get(0);
        FilePath path = record.version().path();
        FileEntry entry = core.manifest().get(path);
        if (entry != null && entry.version().equals(record.version())) {
            try {
                scrub(entry);
            } catch (StorageException e) {
                core.counters().add(Count.STORAGE_FAILURE);
                core.log().failure(LOG, "{} could not be scrubbed", entry.version(), e);
            }
        }
        cursor = path;
        if (core.scheduler().nanoTime() - keptNanos >= KEEP_EVERY.toNanos()) {
            keep();
        }
        lane.request();
    }

    /** What is not kept is scrubbed once more after a restart. */
    private void keep() {
        keptNanos = core.scheduler().nanoTime();
        try {
            core.files().keepMemo(Memo.SCRUB, new ScrubProgress(begunMillis, !running, cursor).text());
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log().failure(LOG, "how far the scrub came could not be kept", e);
        }
    }

    private void scrub(FileEntry entry) throws StorageException, InterruptedException {
        if (!isWhole(entry)) {
            boolean wanted = core.wants(entry);
            core.log()
                    .failure(
                            LOG,
                            "{} is not on the disk any more as it was published: {}",
                            entry.version(),
                            wanted ? "it is pulled again" : "it is not wanted here, so it is not pulled again");
            if (core.files().records(entry.version())) {
                core.files().suspect(entry.version());
            }
            if (wanted && core.board().offer(entry, Occasion.ROTTEN) == PullBoard.Offer.FULL) {
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
            core.log().failure(LOG, "{} could not be read", entry.version(), e);
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
