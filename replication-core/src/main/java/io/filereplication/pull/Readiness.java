package io.filereplication.pull;

import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.time.Ticker;
import java.util.Comparator;
import java.util.TreeSet;

/**
 * Whether this node holds what it should: the three signals of readiness, kept up to date by the board and the walk.
 *
 * <p>The gate is open when the barrier was passed, a walk that began after it (and after the last snapshot install) has
 * finished, and nothing that a walk found missing is still missing or was lost from memory. Changes take the object's lock
 * for a moment; the signals themselves are volatile reads.
 */
final class Readiness {
    private final ManifestView manifest;
    private final Ticker ticker;
    private final Listener listener;
    /** Versions known to be missing. */
    private final TreeSet<Lsn> missing = new TreeSet<>(Comparator.naturalOrder());

    private boolean closed;
    private boolean barrierPassed;
    private boolean walkCounts;
    private boolean walkDone;
    private boolean lostSinceWalkBegan;
    private long lostCount;
    private int outstanding;
    private long walkIndex = -1;
    private long lostBefore = Long.MAX_VALUE;
    private long lostSince = Long.MAX_VALUE;
    /** When the first of those was lost; means nothing while there are none. */
    private long lostBeforeNanos;

    private long lostSinceNanos;

    private volatile boolean ready;
    private volatile boolean completed;
    private volatile long firstMissing = Long.MAX_VALUE;
    private volatile long frozen = -1;

    Readiness(ManifestView manifest, Ticker ticker, Listener listener) {
        this.manifest = manifest;
        this.ticker = ticker;
        this.listener = listener;
    }

    /** Called under locks: may only ask for work to be done elsewhere. */
    interface Listener {
        /** The gate has opened or closed. */
        void gateMoved();

        /** There was no room for something missing, which nobody has tried to get yet: a walk must find it. */
        void deferred();

        /** Something missing was tried in vain and is not in memory any more: a walk must find it. */
        void lost();
    }

    boolean isReady() {
        return ready;
    }

    boolean isCompleted() {
        return completed;
    }

    /**
     * Every file of the manifest up to this log index is here. The view's index is read first and moves only after the
     * listener has heard what was applied, so whatever is missing at or below it is known here by then.
     */
    long caughtUpIndex() {
        long applied = manifest.appliedIndex();
        boolean current = ready && manifest.isSettled();
        return Math.min(current ? applied : frozen, firstMissing - 1);
    }

    synchronized void barrierPassed() {
        barrierPassed = true;
    }

    /** Closes the gate; what was certain when the last walk began stays certain. */
    synchronized void replaced() {
        walkCounts = false;
        walkDone = false;
        if (ready) {
            frozen = Math.max(frozen, Math.min(walkIndex, firstMissing - 1));
            ready = false;
            listener.gateMoved();
        }
    }

    /** From now on nobody finds out what is missing: nothing is said any more of what is applied later. */
    synchronized void close() {
        if (ready) {
            frozen = Math.max(frozen, Math.min(manifest.appliedIndex(), firstMissing - 1));
            ready = false;
        }
        closed = true;
    }

    synchronized void walkBegan() {
        walkCounts = barrierPassed;
        walkDone = false;
        lostSinceWalkBegan = false;
        lostCount = 0;
        if (lostBefore == Long.MAX_VALUE) {
            lostBeforeNanos = lostSinceNanos;
        }
        lostBefore = Math.min(lostBefore, lostSince);
        lostSince = Long.MAX_VALUE;
        walkIndex = manifest.appliedIndex();
    }

    /** True when nothing was lost while it ran. */
    synchronized boolean walkFinished() {
        completed = true;
        if (walkCounts) {
            walkDone = true;
            lostBefore = Long.MAX_VALUE;
            updateFirstMissing();
            evaluate();
        }
        return lostSince == Long.MAX_VALUE;
    }

    /** {@code version} is known to be missing from now on. */
    synchronized void missing(Lsn version) {
        missing.add(version);
        updateFirstMissing();
    }

    /** {@code version} is here, or the manifest does not hold it any more. */
    synchronized void notMissing(Lsn version) {
        missing.remove(version);
        updateFirstMissing();
    }

    /** {@code version} is missing and found no room in the queue; {@code gating} when a walk had found it. */
    synchronized void deferred(Lsn version, boolean gating) {
        forget(version, gating);
        listener.deferred();
    }

    /** The same of one that was tried, and found no room to wait for its next try. */
    synchronized void lost(Lsn version, boolean gating) {
        forget(version, gating);
        listener.lost();
    }

    private void forget(Lsn version, boolean gating) {
        if (lostSince == Long.MAX_VALUE) {
            lostSinceNanos = ticker.nanoTime();
        }
        lostSince = Math.min(lostSince, version.index());
        lostCount++;
        lostSinceWalkBegan |= gating;
        updateFirstMissing();
    }

    /** How long ago the first of what only a walk will find was lost; 0 when nothing was. */
    synchronized long oldestLostNanos(long now) {
        long before = lostBefore == Long.MAX_VALUE ? 0 : now - lostBeforeNanos;
        long since = lostSince == Long.MAX_VALUE ? 0 : now - lostSinceNanos;
        return Math.max(before, since);
    }

    /** How much was lost since the last walk began. */
    synchronized long lostCount() {
        return lostCount;
    }

    /** Readiness waits for {@code by} more (or less) pulls. */
    synchronized void outstanding(int by) {
        outstanding += by;
        evaluate();
    }

    private void updateFirstMissing() {
        long first = missing.isEmpty() ? Long.MAX_VALUE : missing.first().index();
        firstMissing = Math.min(first, Math.min(lostBefore, lostSince));
    }

    private void evaluate() {
        if (!closed && !ready && walkDone && outstanding == 0 && !lostSinceWalkBegan) {
            ready = true;
            listener.gateMoved();
        }
    }
}
