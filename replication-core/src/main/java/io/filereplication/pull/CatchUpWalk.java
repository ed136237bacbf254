package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.storage.LocalFiles.Memo;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares manifest and disk, a page at a time: what the disk has too much is handed to {@link Removals}, what it lacks to
 * the {@link PullBoard}, by a {@link MissingSearch} for small files and another for bulk. It remembers its place, so it pauses
 * without a thread while there is no room. Requests while it runs become one more walk.
 *
 * <p>All of it runs on its lane; only {@link #request()}, {@link #roomMade()} and the statistics are called from elsewhere.
 */
final class CatchUpWalk {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUpWalk.class);
    private static final int PAGE = 256;
    private static final Duration UNSETTLED_PAUSE = Duration.ofMillis(100);

    private enum Phase {
        IDLE,
        CHECKING_RECORDS,
        FINDING_REMOVALS,
        DROPPING_STAGED,
        FINDING_MISSING
    }

    /** What a walk asks of the puller around it. */
    interface Surroundings {
        boolean isBarrierPassed();

        void foundHere(FileEntry entry);

        /** A walk begins: what was deferred until now it will find. */
        void walkBegan();

        /**
         * The walk has finished.
         *
         * @param complete unless something was deferred or lost meanwhile, which was said then
         * @param spentNanos how long it was at work, without the time that it waited
         */
        void walkFinished(boolean complete, long spentNanos);

        /** The walk is over before its end. */
        void walkBrokeOff();
    }

    private final PullerCore core;
    private final Removals removals;
    private final StagedLeftovers leftovers;
    private final InstantSource wallClock;
    private final Surroundings surroundings;
    private final List<MissingSearch> searches;
    private final SerialTask lane;

    private boolean asked;
    /** Whether the walk that runs, if one does, is given up for the one that was asked for. */
    private boolean anew;

    private volatile @Nullable String problem;
    private volatile boolean beginsSoon;

    // Of the lane.
    private Phase phase = Phase.IDLE;
    private @Nullable FilePath cursor;
    private boolean recordsChecked;
    private boolean problemKept;
    private long spentNanos;
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0, 0);

    private record Progress(long startedAt, long completedAt, long walks, long walked, long enqueued, long skipped) {
        Progress counted(long moreWalked, long moreEnqueued) {
            return new Progress(
                    startedAt,
                    completedAt,
                    walks,
                    walked + moreWalked,
                    enqueued + moreEnqueued,
                    skipped + moreWalked - moreEnqueued);
        }
    }

    CatchUpWalk(PullerCore core, Removals removals, PullerHost host, Surroundings surroundings) {
        this.core = core;
        this.removals = removals;
        this.leftovers = StagedLeftovers.of(core);
        this.wallClock = host.wallClock();
        this.surroundings = surroundings;
        this.searches = Stream.of(true, false)
                .map(small -> new MissingSearch(core, small, surroundings::foundHere))
                .toList();
        this.lane = new SerialTask(core.scheduler(), core.active(), this::step);
    }

    /** Walks once more, from now. Never blocks. */
    void request() {
        synchronized (this) {
            asked = true;
        }
        lane.request();
    }

    /**
     * The same, but a walk that runs is given up: what it began with is of no use any more. Waiting for its end could take for
     * ever, when it waits for room on a disk that only the new walk's removals free.
     */
    void requestAnew() {
        synchronized (this) {
            asked = true;
            anew = true;
        }
        lane.request();
    }

    /** The queue may have room again. Never blocks. */
    void roomMade() {
        for (MissingSearch search : searches) {
            if (search.mayGoOn()) {
                lane.request();
            }
        }
    }

    /** Why nothing is removed although the barrier was passed; null when there is no such reason. */
    @Nullable
    String problem() {
        return problem;
    }

    PullerStats.CatchUp stats(PullGauges gauges, long deferred) {
        Progress now = progress;
        return new PullerStats.CatchUp(
                now.startedAt(),
                now.completedAt(),
                now.walks(),
                now.walked(),
                now.enqueued(),
                now.skipped(),
                gauges.gating() - gauges.gatingFailed(),
                gauges.gatingFailed(),
                deferred);
    }

    private void step() {
        if (phase != Phase.IDLE && givesWay()) {
            giveUp();
        }
        long begun = core.scheduler().nanoTime();
        if (phase == Phase.IDLE && !begin()) {
            return;
        }
        try {
            onePage();
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log().failure(LOG, "a walk broke off and is repeated: the storage failed", e);
            breakOff();
        } catch (RuntimeException e) {
            core.log().error(LOG, "a walk broke off and is repeated", e);
            breakOff();
        }
        spentNanos += core.scheduler().nanoTime() - begun;
        if (phase != Phase.IDLE && !isWaiting()) {
            lane.request();
        } else if (phase == Phase.IDLE && isAsked()) {
            lane.request();
        }
    }

    /** While no pull begins, a later walk may find what can be removed, and this one finds nothing. */
    private boolean givesWay() {
        boolean stuck = isWaiting() && core.board().isHeld();
        synchronized (this) {
            return anew || (asked && stuck);
        }
    }

    private void giveUp() {
        phase = Phase.IDLE;
        searches.forEach(MissingSearch::giveUp);
    }

    private void breakOff() {
        giveUp();
        surroundings.walkBrokeOff();
    }

    private synchronized boolean isAsked() {
        return asked;
    }

    private boolean begin() {
        if (isAsked() && surroundings.isBarrierPassed() && !core.manifest().isSettled()) {
            // What a snapshot has removed is found in a settled manifest only, and a full disk may wait for just that.
            beginSoon();
            return false;
        }
        synchronized (this) {
            if (!asked) {
                return false;
            }
            asked = false;
            anew = false;
        }
        surroundings.walkBegan();
        core.readiness().walkBegan();
        spentNanos = 0;
        forgetOutdated();
        keepProblem();
        Progress last = progress;
        progress = new Progress(wallClock.millis(), last.completedAt(), last.walks(), 0, 0, 0);
        enter(mayRemove() ? (recordsChecked ? Phase.FINDING_REMOVALS : Phase.CHECKING_RECORDS) : Phase.FINDING_MISSING);
        return true;
    }

    /** A snapshot that is being installed takes moments, however long the pause after a walk in vain has grown. */
    private void beginSoon() {
        if (!beginsSoon) {
            beginsSoon = true;
            core.scheduler().schedule(UNSETTLED_PAUSE, () -> {
                beginsSoon = false;
                lane.request();
            });
        }
    }

    /** A snapshot announces no deletes: without this, readiness would wait for the next attempt at what is gone. */
    private void forgetOutdated() {
        for (Pull pull : core.board().all()) {
            FileEntry entry = core.manifest().get(pull.path());
            if (entry == null || entry.contentLsn().isAfter(pull.entry().contentLsn())) {
                core.board().outdated(pull);
            }
        }
    }

    private boolean mayRemove() {
        return surroundings.isBarrierPassed()
                && problem == null
                && core.manifest().isSettled();
    }

    private void enter(Phase next) {
        phase = next;
        cursor = null;
        if (next == Phase.FINDING_MISSING) {
            searches.forEach(MissingSearch::begin);
        }
    }

    private void onePage() throws StorageException {
        switch (phase) {
            case CHECKING_RECORDS -> checkRecords();
            case FINDING_REMOVALS -> findRemovals();
            case DROPPING_STAGED -> {
                dropStaged();
                enter(Phase.FINDING_MISSING);
            }
            case FINDING_MISSING -> findMissing();
            case IDLE -> {}
        }
    }

    /**
     * Records that are younger than the manifest mean that this is not the manifest they were made under: a lost Raft
     * directory, another group, a cluster rebuilt over old data. Then nothing is ever removed, by no later process either:
     * once the manifest has grown past those records nothing would show any more that they are not its own.
     */
    private void checkRecords() {
        String before = core.files().memo(Memo.DISTRUST);
        if (before != null) {
            problemKept = true;
            distrust(before);
            return;
        }
        List<LocalRecord> page = core.files().page(cursor, PAGE);
        for (LocalRecord record : page) {
            FileVersion version = record.version();
            FileEntry entry = core.manifest().get(version.path());
            boolean held = entry != null && entry.version().equals(version);
            if (!held && version.contentLsn().index() > core.manifest().appliedIndex()) {
                distrust("The local record of " + version + " is younger than the manifest, which was applied up to "
                        + core.manifest().appliedIndex()
                        + ": the Raft directory was lost or belongs to another cluster. No local file is removed, until"
                        + " the node is stopped and .filereplication/records is deleted: then no file that lies here"
                        + " has a record, and those are never touched");
                keepProblem();
                return;
            }
            cursor = version.path();
        }
        if (page.isEmpty()) {
            recordsChecked = true;
            removals.allow();
            enter(Phase.FINDING_REMOVALS);
        }
    }

    private void distrust(String why) {
        problem = why;
        core.log().error(LOG, "{}", why);
        enter(Phase.FINDING_MISSING);
    }

    /** Before the manifest can grow past those records, hence tried again with every walk. */
    private void keepProblem() {
        String why = problem;
        if (why == null || problemKept) {
            return;
        }
        try {
            core.files().keepMemo(Memo.DISTRUST, why);
            problemKept = true;
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log()
                    .failure(
                            LOG,
                            "what is wrong with the records could not be kept over a restart; it is tried again",
                            e);
        }
    }

    private void findRemovals() {
        List<LocalRecord> page = mayRemove() ? core.files().page(cursor, PAGE) : List.of();
        for (LocalRecord record : page) {
            FilePath path = record.version().path();
            // In this order: whatever is registered later is at a later index, and so is not older than the removal.
            Lsn afterAllApplied = new Lsn(core.manifest().appliedIndex() + 1, 0);
            FileEntry registered = core.manifest().get(path);
            if (registered == null) {
                removals.deferUnlessPending(
                        path, afterAllApplied, record.stamp().sizeBytes());
            } else if (core.isLeftBehind(record, registered)) {
                removals.deferUnlessPending(
                        path, registered.contentLsn(), record.stamp().sizeBytes());
            }
            cursor = path;
        }
        if (page.isEmpty()) {
            enter(Phase.DROPPING_STAGED);
        }
    }

    private void dropStaged() throws StorageException {
        if (!mayRemove()) {
            return;
        }
        leftovers.drop();
    }

    private void findMissing() {
        boolean done = true;
        for (MissingSearch search : searches) {
            MissingSearch.Found found = search.onePage();
            progress = progress.counted(found.walked(), found.enqueued());
            done &= search.isDone();
        }
        if (done) {
            finish();
        }
    }

    /** Whether nothing goes on before there is room. */
    private boolean isWaiting() {
        return phase == Phase.FINDING_MISSING
                && searches.stream().allMatch(search -> search.isDone() || search.isWaiting());
    }

    private void finish() {
        phase = Phase.IDLE;
        Progress now = progress;
        progress = new Progress(
                now.startedAt(), wallClock.millis(), now.walks() + 1, now.walked(), now.enqueued(), now.skipped());
        boolean complete = core.readiness().walkFinished();
        if (now.enqueued() > 0) {
            core.log()
                    .info(
                            LOG,
                            "a walk over the manifest finished: {} entries, {} of them are missing here",
                            now.walked(),
                            now.enqueued());
        } else {
            LOG.debug("Walk finished: {} entries", now.walked());
        }
        surroundings.walkFinished(complete, spentNanos);
    }
}
