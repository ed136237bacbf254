package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

    /** Numbers of this moment. */
    record Gauges(
            long queueDepth,
            long inFlight,
            long missing,
            long missingBytes,
            Duration oldestMissing,
            long unavailable,
            long gating,
            long gatingFailed,
            boolean paused,
            boolean full) {}

    /** Verified bytes and what is needed to publish them. */
    record Verified(Pull pull, StagedFile staged, PrefixDigests digests) {}

    private final PullerConfig config;
    private final Scheduler scheduler;
    private final Backoff backoff;
    private final Counters counters;
    private final Readiness readiness;
    private final PullLedger ledger;
    private final Runnable onWork;

    private final Map<FilePath, Pull> pulls = new LinkedHashMap<>();
    private final PullQueue queued = new PullQueue();
    private final PullQueue unverified = new PullQueue();
    private final PullQueue waiting = new PullQueue();
    private final Deque<Verified> verified = new ArrayDeque<>();
    private int activeWorkers;
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
        this.backoff = backoff;
        this.counters = counters;
        this.readiness = readiness;
        this.ledger = new PullLedger(config, readiness, scheduler);
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
                unverified.remove(known);
                unverified.addFirst(known);
            }
            ledger.setMissing(known, known.missing || !doubted);
            ledger.setGating(known, known.gating || fromWalk);
            return Offer.DUPLICATE;
        }
        boolean gates = fromWalk || (known != null && known.gating);
        boolean fits = depth() - (known != null && isQueued(known) ? 1 : 0) < config.queueSize();
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
            unverified.addFirst(pull);
        } else {
            ledger.setMissing(pull, true);
            queued.addLast(pull);
        }
        counters.add(Count.ENQUEUED);
    }

    private boolean isQueued(Pull pull) {
        return pull.queue == queued || pull.queue == unverified;
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

    /** What a worker does next: publish one, or pull some; null when there is nothing, and then it is a worker no more. */
    synchronized @Nullable Work nextOrRelease() {
        if (closed || !hasWork()) {
            activeWorkers--;
            return null;
        }
        Verified whole = verified.pollFirst();
        if (whole != null) {
            if (whole.pull().state() == PullState.VERIFIED) {
                ledger.become(whole.pull(), PullState.PUBLISHING, "a worker is free");
            }
            return new Work.Publish(whole);
        }
        return new Work.Fetch(takeBatch());
    }

    /** Something for one worker to do. */
    sealed interface Work {
        /** Publish these bytes, or drop them when the pull has ended. */
        record Publish(Verified verified) implements Work {}

        /** Pull these: one of any size, or several small ones. */
        record Fetch(List<Pull> pulls) implements Work {}
    }

    private boolean hasWork() {
        return !verified.isEmpty() || (!paused && !full && !queued.isEmpty());
    }

    private List<Pull> takeBatch() {
        int most = PullBatch.sizeFor(queued.size(), config.workers());
        List<Pull> batch = new ArrayList<>();
        Pull pull = queued.first();
        for (int looked = 0; pull != null && looked < PullBatch.LOOK_AHEAD && batch.size() < most; looked++) {
            Pull next = pull.next;
            if (batch.isEmpty() || PullBatch.isSmall(pull)) {
                batch.add(pull);
            }
            pull = batch.size() == 1 && !PullBatch.isSmall(batch.get(0)) ? null : next;
        }
        for (Pull taken : batch) {
            queued.remove(taken);
            ledger.become(taken, PullState.CHECKING, "a worker is free");
        }
        return batch;
    }

    /** Whether the worker may go on with {@code pull}, which is then in {@code next}; not when it has ended meanwhile. */
    synchronized boolean proceed(Pull pull, PullState next, String reason) {
        boolean goesOn = pull.state() != PullState.ENDED && !pull.isCancelled();
        if (goesOn && pull.state() != next) {
            ledger.become(pull, next, reason);
        }
        return goesOn;
    }

    /** Has {@code whole} published by whichever worker is free first; false when its pull has ended. */
    boolean publishSoon(Verified whole) {
        synchronized (this) {
            if (closed || !proceed(whole.pull(), PullState.VERIFIED, "whole and verified")) {
                return false;
            }
            verified.addLast(whole);
        }
        onWork.run();
        return true;
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
                    queued.addFirst(pull);
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
                pull.queuedAtNanos = scheduler.nanoTime();
                ledger.become(pull, PullState.QUEUED, pull.lastReason);
                queued.addLast(pull);
            }
        }
        onWork.run();
    }

    /** The file at the path must be hashed before anything else. */
    synchronized void verifyFirst(Pull pull) {
        if (pull.state() != PullState.ENDED) {
            ledger.become(pull, PullState.UNVERIFIED, "there is a file of unknown content");
            unverified.addLast(pull);
        }
    }

    /** The next pull whose file is to be hashed, or null. */
    synchronized @Nullable Pull nextToVerify() {
        Pull pull = closed ? null : unverified.pollFirst();
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
        if (pull.unreadable && pull.state() != PullState.VERIFYING) {
            pull.unreadable = false;
            pull.hashedHere = false;
        }
        pull.attempts++;
        pull.uncounted = 0;
        int late = pull.attempts - config.attempts();
        if (late < 0) {
            await(
                    pull,
                    PullState.WAITING,
                    reason,
                    pause(config.initialBackoff(), config.maxBackoff(), pull.attempts - 1));
            return;
        }
        if (late == 0) {
            counters.add(Count.FAILED);
        }
        await(pull, PullState.FAILED, reason, pause(config.maxBackoff(), config.maxFailedBackoff(), late));
    }

    /** Nobody is to blame: again shortly. */
    synchronized void retrySoon(Pull pull, String reason) {
        if (pull.state() != PullState.ENDED) {
            PullState state = pull.attempts >= config.attempts() ? PullState.FAILED : PullState.WAITING;
            await(pull, state, reason, pause(config.initialBackoff(), config.maxBackoff(), pull.uncounted++));
        }
    }

    private Duration pause(Duration initial, Duration ceiling, int step) {
        return backoff.pause(initial, ceiling, step);
    }

    private void await(Pull pull, PullState state, String reason, Duration pause) {
        if (closed) {
            return;
        }
        if (waiting.size() >= config.waitingSize()) {
            counters.add(Count.DEFERRED);
            readiness.lost(pull.entry().contentLsn(), pull.gating);
            finish(pull, "no room to wait: left to a walk");
            return;
        }
        ledger.become(pull, state, reason);
        waiting.addLast(pull);
        pull.lastReason = reason;
        pull.dueNanos = scheduler.nanoTime() + pause.toNanos();
        pull.timer = scheduler.schedule(pause, () -> due(pull));
    }

    private void due(Pull pull) {
        synchronized (this) {
            if (!pull.state().isWaiting()) {
                return;
            }
            wake(pull, "its pause is over");
        }
        onWork.run();
    }

    /** Every pull that waits is tried at once: something about the peers has changed. */
    void wakeWaiting() {
        int left;
        synchronized (this) {
            left = waiting.size();
        }
        for (; left > 0; left--) {
            synchronized (this) {
                Pull pull = waiting.first();
                if (pull == null) {
                    break;
                }
                pull.uncounted = 0;
                pull.attempts = Math.min(pull.attempts, config.attempts());
                wake(pull, "the members have changed");
            }
        }
        onWork.run();
    }

    private void wake(Pull pull, String reason) {
        waiting.remove(pull);
        forgetTimer(pull);
        pull.queuedAtNanos = scheduler.nanoTime();
        ledger.become(pull, PullState.QUEUED, reason);
        queued.addLast(pull);
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

    void pause() {
        synchronized (this) {
            paused = true;
        }
    }

    void resume() {
        synchronized (this) {
            paused = false;
        }
        onWork.run();
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

    /** Whether no pull begins, so that waiting for room in the queue may take for ever. */
    synchronized boolean isHeld() {
        return full || paused;
    }

    // Looking.

    /** Whether a walk may add more. */
    synchronized boolean isBelowHighWater() {
        return depth() < Math.max(1, config.catchUpHighWater() * config.queueSize());
    }

    synchronized Gauges gauges() {
        return ledger.gauges(depth(), paused, full);
    }

    /** Whether no worker has or is about to get a pull; while paused that stays so. */
    synchronized boolean isAtRest() {
        return activeWorkers == 0 && verified.isEmpty();
    }

    /** Up to {@code limit} pulls that were tried in vain. */
    synchronized List<PullFailure> failures(int limit) {
        long now = scheduler.nanoTime();
        List<PullFailure> found = new ArrayList<>();
        for (Pull pull : pulls.values()) {
            String reason = pull.lastReason;
            if (found.size() >= limit) {
                break;
            }
            if (reason != null && pull.missing) {
                long wait = pull.state().isWaiting() ? Math.max(0, pull.dueNanos - now) : 0;
                found.add(new PullFailure(pull.entry().version(), pull.attempts, reason, Duration.ofNanos(wait)));
            }
        }
        return found;
    }

    /** Up to {@code limit} of the versions that every member has answered <em>not found</em> for. */
    synchronized List<FileVersion> unavailable(int limit) {
        return pulls.values().stream()
                .filter(pull -> pull.unavailable)
                .limit(limit)
                .map(pull -> pull.entry().version())
                .toList();
    }

    /** Forgets everything; returns staged files that are to be let go. Idempotent. */
    synchronized List<Verified> close() {
        closed = true;
        for (Pull pull : pulls.values()) {
            pull.cancel();
            forgetTimer(pull);
        }
        List<Verified> rest = List.copyOf(verified);
        verified.clear();
        return rest;
    }

    private int depth() {
        return queued.size() + unverified.size();
    }

    private void finish(Pull pull, String reason) {
        PullQueue queue = pull.queue;
        if (queue != null) {
            queue.remove(pull);
        }
        forgetTimer(pull);
        ledger.end(pull, reason);
        pull.cancel();
        pulls.remove(pull.path(), pull);
    }

    private static void forgetTimer(Pull pull) {
        Scheduler.Cancellable timer = pull.timer;
        if (timer != null) {
            timer.cancel();
            pull.timer = null;
        }
    }
}
