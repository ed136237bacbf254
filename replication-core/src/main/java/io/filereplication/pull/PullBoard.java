package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.time.Scheduler;
import java.util.List;

/**
 * What everybody but the workers does with the pulls: the apply thread and walks add and end them, the operator holds them,
 * people look at them. All methods are short and in memory; none does I/O or calls out while it holds the lock, so the apply
 * thread never waits for a disk or a peer here.
 *
 * <p>A path has one pull at most. Bounds: {@link PullerConfig#queueSize()} pulls of small files and as many of bulk are let in to wait
 * for a worker, {@link PullerConfig#waitingSize()} wait for their next attempt and may come back to the queue besides, and the
 * workers have at most a batch each.
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

    private final PullTable table;
    private final PullerConfig config;
    private final Scheduler scheduler;
    private final Counters counters;
    private final Readiness readiness;

    PullBoard(PullTable table, PullerConfig config, Scheduler scheduler, Counters counters, Readiness readiness) {
        this.table = table;
        this.config = config;
        this.scheduler = scheduler;
        this.counters = counters;
        this.readiness = readiness;
    }

    // Coming in.

    /** Adds a pull of {@code entry}, in the place of one of an older version. A walk's pull keeps readiness waiting. */
    Offer offer(FileEntry entry, Occasion occasion) {
        Offer offer = offerQuietly(entry, occasion);
        if (offer == Offer.ADDED) {
            table.tellOfWork();
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

    private Offer offerQuietly(FileEntry entry, Occasion occasion) {
        synchronized (table) {
            if (table.closed) {
                return Offer.CLOSED;
            }
            Pull known = table.get(entry.path());
            if (known != null && !entry.contentLsn().isAfter(known.entry().contentLsn())) {
                offeredAgain(known, occasion);
                return Offer.DUPLICATE;
            }
            boolean gates = occasion == Occasion.WALK || (known != null && known.gating);
            Lane lane = table.work.lane(entry);
            boolean replaces = known != null && lane.holds(known);
            boolean fits = lane.depth() - (replaces ? 1 : 0) < config.queueSize();
            if (fits) {
                add(new Pull(entry, occasion, scheduler.nanoTime()), gates);
            } else if (known != null) {
                readiness.deferred(entry.contentLsn(), gates);
            }
            if (known != null) {
                // Only now: in between, readiness must not find that nothing is missing.
                counters.add(Count.SUPERSEDED);
                table.finish(known, "superseded by " + entry.contentLsn());
            }
            return fits ? Offer.ADDED : Offer.FULL;
        }
    }

    private void offeredAgain(Pull known, Occasion occasion) {
        boolean doubted = occasion == Occasion.DOUBT;
        if (doubted && known.state() == PullState.UNVERIFIED) {
            table.work.hashFirst(known);
        }
        table.ledger.setMissing(known, known.missing || !doubted);
        table.ledger.setGating(known, known.gating || occasion == Occasion.WALK);
    }

    private void add(Pull pull, boolean gates) {
        table.pulls.put(pull.path(), pull);
        table.ledger.setGating(pull, gates);
        if (pull.state() == PullState.UNVERIFIED) {
            table.work.hashFirst(pull);
        } else {
            table.ledger.setMissing(pull, true);
            table.work.addLast(pull);
        }
        counters.add(Count.ENQUEUED);
    }

    /** {@code version} found no room: a walk has to find it again. */
    void deferred(Lsn version) {
        synchronized (table) {
            counters.add(Count.DEFERRED);
            readiness.deferred(version, false);
        }
    }

    // Going without a worker.

    /** Ends the pull of {@code path} unless it is of a version after {@code at}. */
    void deleted(FilePath path, Lsn at) {
        synchronized (table) {
            Pull pull = table.get(path);
            if (pull != null && !pull.entry().contentLsn().isAfter(at)) {
                counters.add(Count.SUPERSEDED);
                table.finish(pull, "deleted or not wanted since " + at);
            }
        }
    }

    /** {@code version} was found here: a pull of it that no worker has is over. */
    void foundHere(FileVersion version) {
        synchronized (table) {
            Pull pull = table.get(version.path());
            if (pull != null
                    && pull.entry().version().equals(version)
                    && !pull.state().isWorkedOn()) {
                table.finish(pull, "found here");
            }
        }
    }

    /** Ends a pull whose version the manifest does not hold any more, unless a worker has it and will find out itself. */
    void outdated(Pull pull) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED && !pull.state().isWorkedOn()) {
                counters.add(Count.SUPERSEDED);
                table.finish(pull, "the manifest does not hold it any more");
            }
        }
    }

    /** Forgets everything; returns staged files that are to be let go. Idempotent. */
    List<Work.Whole> close() {
        synchronized (table) {
            table.closed = true;
            for (Pull pull : table.pulls.values()) {
                pull.cancel();
                table.waiting.forgetTimer(pull);
            }
            return table.work.drainWhole();
        }
    }

    // Holding and waking.

    /** Every pull that waits is tried at once: something about the peers has changed. */
    void wakeWaiting() {
        int left;
        synchronized (table) {
            table.changes++;
            left = table.waiting.size();
        }
        for (; left > 0; left--) {
            synchronized (table) {
                Pull pull = table.waiting.releaseFirst();
                if (pull == null) {
                    break;
                }
                table.queueAgain(pull, "the members have changed");
            }
        }
        table.tellOfWork();
    }

    /** True when this is news. */
    boolean pause() {
        synchronized (table) {
            return table.workforce.pause(true);
        }
    }

    /** True when this is news. */
    boolean resume() {
        boolean news;
        synchronized (table) {
            news = table.workforce.pause(false);
        }
        table.tellOfWork();
        return news;
    }

    /** Storage is full: no pull begins until {@link #spaceReturned()}. True when this is news. */
    boolean spaceIsGone() {
        synchronized (table) {
            return table.workforce.full(true);
        }
    }

    /** There may be space again. */
    void spaceReturned() {
        synchronized (table) {
            table.workforce.full(false);
        }
        table.tellOfWork();
    }

    // Looking.

    /** Every pull there is now; what they are may have changed when the caller looks. */
    List<Pull> all() {
        synchronized (table) {
            return List.copyOf(table.pulls.values());
        }
    }

    /** Whether anything waits for its next try. */
    boolean hasWaiting() {
        synchronized (table) {
            return table.waiting.size() > 0;
        }
    }

    /** Whether no pull begins, so that waiting for room in the queue may take for ever. */
    boolean isHeld() {
        synchronized (table) {
            return table.workforce.isHeld();
        }
    }

    /** Whether a walk may add {@code entry}. */
    boolean isBelowHighWater(FileEntry entry) {
        synchronized (table) {
            return table.work.lane(entry).depth() < Math.max(1, config.catchUpHighWater() * config.queueSize());
        }
    }

    /** Whether no worker has or is about to get a pull; while paused that stays so. */
    boolean isAtRest() {
        synchronized (table) {
            return table.workforce.isIdle() && !table.work.hasWhole();
        }
    }

    PullGauges gauges() {
        synchronized (table) {
            return table.ledger.gauges(table.work.depth(), table.workforce.isPaused(), table.workforce.isFull());
        }
    }

    /** Up to {@code limit} missing files that were tried in vain. */
    List<PullFailure> failures(int limit) {
        synchronized (table) {
            return PullListing.failures(table.pulls.values(), limit, scheduler.nanoTime());
        }
    }

    /** Up to {@code limit} of the versions that every member has answered <em>not found</em> for. */
    List<FileVersion> unavailable(int limit) {
        synchronized (table) {
            return PullListing.unavailable(table.pulls.values(), limit);
        }
    }
}
