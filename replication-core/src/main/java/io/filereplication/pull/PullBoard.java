package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.time.Scheduler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every pull there is, by path, and where each of them waits: the one place where the apply thread, the timer and the workers
 * meet. All methods are short and in memory; none does I/O or calls out while it holds the lock, so the apply thread never
 * waits for a disk or a peer here.
 *
 * <p>A path has one pull at most. Bounds: {@link PullerConfig#queueSize()} pulls wait for a worker,
 * {@link PullerConfig#waitingSize()} for their next attempt, and the workers have at most a batch each.
 */
final class PullBoard {
    /** What became of an offer. */
    enum Offer {
        ADDED,
        /** That version is on its way, or a newer one is. */
        DUPLICATE,
        /** There is no room. */
        FULL,
        CLOSED
    }

    private final PullerConfig config;
    private final Scheduler scheduler;
    private final Counters counters;
    private final Readiness readiness;
    private final PullLedger ledger;
    private final WaitingRoom waiting;
    private final WorkQueue work;
    private final Runnable onWork;

    private final Map<FilePath, Pull> pulls = new LinkedHashMap<>();
    private int activeWorkers;
    /** How often the members have changed. */
    private long changes;

    private boolean paused;
    private boolean full;
    private boolean closed;

    /** {@code onWork} is called, outside the lock, when there may be something to do for another worker. */
    PullBoard(
            PullerConfig config,
            Scheduler scheduler,
            Backoff backoff,
            Counters counters,
            Readiness readiness,
            Runnable onWork) {
        this.config = config;
        this.scheduler = scheduler;
        this.counters = counters;
        this.readiness = readiness;
        this.ledger = new PullLedger(config, readiness, scheduler);
        this.waiting = new WaitingRoom(config, scheduler, backoff, counters, ledger, this::due);
        this.work = new WorkQueue(config.workers());
        this.onWork = onWork;
    }

    // Coming in.

    /** Adds a pull of {@code entry}, in the place of one of an older version. A walk's pull keeps readiness waiting. */
    Offer offer(FileEntry entry, Occasion occasion) {
        Offer offer = offerQuietly(entry, occasion);
        if (offer == Offer.ADDED) {
            onWork.run();
        }
        return offer;
    }

    /**
     * Has the file at the entry's path hashed before any other; adds a pull for that when there is none. Until it is found
     * to be something else it does not count as missing.
     */
    Offer offerToVerify(FileEntry entry) {
        return offerQuietly(entry, Occasion.DOUBT);
    }

    private synchronized Offer offerQuietly(FileEntry entry, Occasion occasion) {
        if (closed) {
            return Offer.CLOSED;
        }
        boolean doubted = occasion == Occasion.DOUBT;
        boolean fromWalk = occasion == Occasion.WALK;
        Pull known = pulls.get(entry.path());
        if (known != null && !entry.contentLsn().isAfter(known.entry().contentLsn())) {
            if (doubted && known.state() == PullState.UNVERIFIED) {
                work.verifyFirst(known);
            }
            ledger.setMissing(known, known.missing || !doubted);
            ledger.setGating(known, known.gating || fromWalk);
            return Offer.DUPLICATE;
        }
        boolean gates = fromWalk || (known != null && known.gating);
        boolean fits = work.depth() - (known != null && work.holds(known) ? 1 : 0) < config.queueSize();
        if (fits) {
            add(new Pull(entry, occasion, scheduler.nanoTime()), gates);
        } else if (known != null) {
            readiness.lost(entry.contentLsn(), gates);
        }
        if (known != null) {
            // Only now: in between, readiness must not find that nothing is missing.
            counters.add(Count.SUPERSEDED);
            finish(known, "superseded by " + entry.contentLsn());
        }
        return fits ? Offer.ADDED : Offer.FULL;
    }

    private void add(Pull pull, boolean gates) {
        pulls.put(pull.path(), pull);
        ledger.setGating(pull, gates);
        if (pull.state() == PullState.UNVERIFIED) {
            work.verifyFirst(pull);
        } else {
            ledger.setMissing(pull, true);
            work.addLast(pull);
        }
        counters.add(Count.ENQUEUED);
    }

    /** {@code version} found no room: a walk has to find it again. */
    synchronized void deferred(Lsn version) {
        counters.add(Count.DEFERRED);
        readiness.lost(version, false);
    }

    /** Ends the pull of {@code path} unless it is of a version after {@code at}. */
    synchronized void deleted(FilePath path, Lsn at) {
        Pull pull = pulls.get(path);
        if (pull != null && !pull.entry().contentLsn().isAfter(at)) {
            counters.add(Count.SUPERSEDED);
            finish(pull, "deleted at " + at);
        }
    }

    /** {@code version} was found here: a pull of it that no worker has is over. */
    synchronized void foundHere(FileVersion version) {
        Pull pull = pulls.get(version.path());
        if (pull != null
                && pull.entry().version().equals(version)
                && !pull.state().isWorkedOn()) {
            finish(pull, "found here");
        }
    }

    /** Every pull there is now; what they are may have changed when the caller looks. */
    synchronized List<Pull> all() {
        return List.copyOf(pulls.values());
    }

    /** Ends a pull whose version the manifest does not hold any more, unless a worker has it and will find out itself. */
    synchronized void outdated(Pull pull) {
        if (pull.state() != PullState.ENDED && !pull.state().isWorkedOn()) {
            counters.add(Count.SUPERSEDED);
            finish(pull, "the manifest does not hold it any more");
        }
    }

    // Workers.

    /** Whether one more worker should begin; then it has to ask {@link #nextOrRelease()} until that answers null. */
    synchronized boolean claimWorker() {
        boolean claimed = !closed && activeWorkers < config.workers() && hasWork();
        if (claimed) {
            activeWorkers++;
        }
        return claimed;
    }

    /** What a worker does next: publish some, or pull some; null when there is nothing, and then it is a worker no more. */
    synchronized @Nullable Work nextOrRelease() {
        if (closed || !hasWork()) {
            activeWorkers--;
            return null;
        }
        List<Work.Whole> whole = work.takeWhole();
        if (!whole.isEmpty()) {
            for (Work.Whole file : whole) {
                if (file.pull().state() == PullState.VERIFIED) {
                    ledger.become(file.pull(), PullState.PUBLISHING, "a worker is free");
                }
            }
            return new Work.Publish(whole);
        }
        List<Pull> batch = work.takeBatch();
        for (Pull taken : batch) {
            taken.takenAtChange = changes;
            ledger.become(taken, PullState.CHECKING, "a worker is free");
        }
        return new Work.Fetch(batch);
    }

    private boolean hasWork() {
        return work.hasWhole() || (!paused && !full && work.hasPulls());
    }

    /** Whether the worker may go on with {@code pull}, which is then in {@code next}; not when it has ended meanwhile. */
    synchronized boolean proceed(Pull pull, PullState next, String reason) {
        boolean goesOn = pull.state() != PullState.ENDED && !pull.isCancelled();
        if (goesOn && pull.state() != next) {
            ledger.become(pull, next, reason);
        }
        return goesOn;
    }

    /** Has files published by whichever worker is free first; answers those whose pulls have ended. */
    List<Work.Whole> publishSoon(List<Work.Whole> files) {
        List<Work.Whole> ended = new ArrayList<>();
        synchronized (this) {
            for (Work.Whole file : files) {
                if (!closed && proceed(file.pull(), PullState.VERIFIED, "whole and verified")) {
                    work.publish(file);
                } else {
                    ended.add(file);
                }
            }
        }
        onWork.run();
        return ended;
    }

    /** Gives pulls back, in their order, to the head of the queue. */
    void putBack(List<Pull> pulls, String reason) {
        synchronized (this) {
            for (int i = pulls.size() - 1; i >= 0; i--) {
                Pull pull = pulls.get(i);
                if (pull.state() != PullState.ENDED) {
                    ledger.setMissing(pull, true);
                    if (pull.state() == PullState.VERIFYING) {
                        pull.queuedAtNanos = scheduler.nanoTime();
                    }
                    ledger.become(pull, PullState.QUEUED, reason);
                    work.addFirst(pull);
                }
            }
        }
        onWork.run();
    }

    /** There is no room for it now: it goes behind the others, which may be smaller. */
    void noRoom(Pull pull) {
        synchronized (this) {
            if (pull.state() != PullState.ENDED) {
                ledger.setMissing(pull, true);
                pull.lastReason = "the storage is full";
                queueAgain(pull, pull.lastReason);
            }
        }
        onWork.run();
    }

    /** The file at the path must be hashed before anything else. */
    synchronized void verifyFirst(Pull pull) {
        if (pull.state() != PullState.ENDED) {
            ledger.become(pull, PullState.UNVERIFIED, "there is a file of unknown content");
            work.verifyLast(pull);
        }
    }

    /** The next pull whose file is to be hashed, or null. */
    synchronized @Nullable Pull nextToVerify() {
        Pull pull = closed ? null : work.pollUnverified();
        if (pull != null) {
            ledger.become(pull, PullState.VERIFYING, "its turn");
        }
        return pull;
    }

    /** The pull is over: the file is here, or nobody wants it any more. */
    synchronized void end(Pull pull, String reason) {
        if (pull.state() != PullState.ENDED) {
            finish(pull, reason);
        }
    }

    /** An attempt failed: again after a pause that grows, and after the last one still again, but later. */
    synchronized void retry(Pull pull, String reason) {
        if (pull.state() == PullState.ENDED) {
            return;
        }
        lookAgainAtWhatWasUnreadable(pull);
        await(pull, waiting.afterAttempt(pull), reason);
    }

    /** Nobody is to blame: again shortly. */
    synchronized void retrySoon(Pull pull, String reason) {
        if (pull.state() != PullState.ENDED) {
            lookAgainAtWhatWasUnreadable(pull);
            await(pull, waiting.soon(pull), reason);
        }
    }

    /** The disk may have recovered, and hold the only good copy while every peer only doubts its own. */
    private static void lookAgainAtWhatWasUnreadable(Pull pull) {
        if (pull.unreadable && pull.state() != PullState.VERIFYING) {
            pull.unreadable = false;
            pull.hashedHere = false;
        }
    }

    /** An attempt found nobody to ask: again shortly, and at once when the members have changed since it looked. */
    void retryWithPeers(Pull pull, String reason) {
        boolean atOnce;
        synchronized (this) {
            atOnce = !closed && pull.state() != PullState.ENDED && pull.takenAtChange != changes;
            if (atOnce) {
                queueAgain(pull, "the members have changed meanwhile");
            } else {
                retrySoon(pull, reason);
            }
        }
        if (atOnce) {
            onWork.run();
        }
    }

    private void await(Pull pull, WaitingRoom.Pause pause, String reason) {
        if (closed) {
            return;
        }
        if (waiting.hasRoom()) {
            waiting.enter(pull, pause, reason);
        } else {
            counters.add(Count.DEFERRED);
            readiness.lost(pull.entry().contentLsn(), pull.gating);
            finish(pull, "no room to wait: left to a walk");
        }
    }

    private void due(Pull pull) {
        synchronized (this) {
            if (!pull.state().isWaiting()) {
                return;
            }
            waiting.leave(pull);
            queueAgain(pull, "its pause is over");
        }
        onWork.run();
    }

    /** Every pull that waits is tried at once: something about the peers has changed. */
    void wakeWaiting() {
        int left;
        synchronized (this) {
            changes++;
            left = waiting.size();
        }
        for (; left > 0; left--) {
            synchronized (this) {
                Pull pull = waiting.releaseFirst();
                if (pull == null) {
                    break;
                }
                queueAgain(pull, "the members have changed");
            }
        }
        onWork.run();
    }

    private void queueAgain(Pull pull, String reason) {
        pull.queuedAtNanos = scheduler.nanoTime();
        ledger.become(pull, PullState.QUEUED, reason);
        work.addLast(pull);
    }

    /** Whether every member has answered that it does not have the file. */
    synchronized void setUnavailable(Pull pull, boolean is) {
        if (pull.state() != PullState.ENDED) {
            ledger.setUnavailable(pull, is);
        }
    }

    /** Whether the pull is over: superseded, deleted or done. Closing ends none. */
    synchronized boolean hasEnded(Pull pull) {
        return pull.state() == PullState.ENDED;
    }

    // Pauses.

    /** True when this is news. */
    synchronized boolean pause() {
        boolean news = !paused;
        paused = true;
        return news;
    }

    /** True when this is news. */
    boolean resume() {
        boolean news;
        synchronized (this) {
            news = paused;
            paused = false;
        }
        onWork.run();
        return news;
    }

    /** Storage is full: no pull begins until {@link #spaceReturned()}. True when this is news. */
    synchronized boolean spaceIsGone() {
        boolean news = !full;
        full = true;
        return news;
    }

    /** There may be space again. */
    void spaceReturned() {
        synchronized (this) {
            full = false;
        }
        onWork.run();
    }

    /** Whether anything waits for its next try. */
    synchronized boolean hasWaiting() {
        return waiting.size() > 0;
    }

    /** Whether no pull begins, so that waiting for room in the queue may take for ever. */
    synchronized boolean isHeld() {
        return full || paused;
    }

    // Looking.

    /** Whether a walk may add more. */
    synchronized boolean isBelowHighWater() {
        return work.depth() < Math.max(1, config.catchUpHighWater() * config.queueSize());
    }

    synchronized PullGauges gauges() {
        return ledger.gauges(work.depth(), paused, full);
    }

    /** Whether no worker has or is about to get a pull; while paused that stays so. */
    synchronized boolean isAtRest() {
        return activeWorkers == 0 && !work.hasWhole();
    }

    /** Up to {@code limit} missing files that were tried in vain. */
    synchronized List<PullFailure> failures(int limit) {
        return PullListing.failures(pulls.values(), limit, scheduler.nanoTime());
    }

    /** Up to {@code limit} of the versions that every member has answered <em>not found</em> for. */
    synchronized List<FileVersion> unavailable(int limit) {
        return PullListing.unavailable(pulls.values(), limit);
    }

    /** Forgets everything; returns staged files that are to be let go. Idempotent. */
    synchronized List<Work.Whole> close() {
        closed = true;
        for (Pull pull : pulls.values()) {
            pull.cancel();
            waiting.forgetTimer(pull);
        }
        return work.drainWhole();
    }

    private void finish(Pull pull, String reason) {
        PullQueue queue = pull.queue;
        if (queue != null) {
            queue.remove(pull);
        }
        waiting.forgetTimer(pull);
        ledger.end(pull, reason);
        pull.cancel();
        pulls.remove(pull.path(), pull);
    }
}
