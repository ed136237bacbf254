package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.Lsn;

/**
 * What the manifest says becomes pulls and removals, on the apply thread: never blocks, no I/O. Before the first barrier it does
 * nothing, because what is applied then may be the past; the walk after the barrier finds what is still registered.
 */
final class Intake {
    private final PullerCore core;
    private final Removals removals;
    private final LocalWaiters waiters;
    private final Runnable onRoom;
    /** Whether what is applied is news, not replay: the barrier was passed. */
    private volatile boolean live;

    /** {@code onRoom} hears that the queue became shorter. */
    Intake(PullerCore core, Removals removals, LocalWaiters waiters, Runnable onRoom) {
        this.core = core;
        this.removals = removals;
        this.waiters = waiters;
        this.onRoom = onRoom;
    }

    /** From here on what is applied is news. */
    void barrierPassed() {
        live = true;
    }

    boolean isBarrierPassed() {
        return live;
    }

    /** {@code entry} was registered. */
    void registered(FileEntry entry) {
        if (!live) {
            return;
        }
        if (!core.wants(entry)) {
            core.counters().add(Count.SKIPPED_UNWANTED);
            core.board().deleted(entry.path(), entry.contentLsn());
            onRoom.run();
            removals.deferLeftBehind(entry);
        } else if (core.files().records(entry.version())) {
            boolean own = entry.originNodeId().equals(core.config().selfNodeId());
            core.counters().add(own ? Count.SKIPPED_SELF : Count.SKIPPED_LOCAL);
            core.board().foundHere(entry.version());
            onRoom.run();
            waiters.arrived(entry);
        } else {
            offer(entry);
        }
    }

    private void offer(FileEntry entry) {
        PullBoard.Offer offer = core.board().offer(entry, Occasion.ANNOUNCED);
        if (offer == PullBoard.Offer.DUPLICATE) {
            core.counters().add(Count.SKIPPED_DUPLICATE);
        } else if (offer == PullBoard.Offer.FULL) {
            core.board().deferred(entry.contentLsn());
        }
    }

    /** {@code removed} was deleted at {@code at}. */
    void deleted(FileEntry removed, Lsn at) {
        core.board().deleted(removed.path(), at);
        onRoom.run();
        if (live) {
            removals.defer(removed.path(), at, removed.sizeBytes());
        }
    }

    /**
     * {@code entry} is here now. A delete that is applied between the last look at the manifest and the record may be due before
     * there is a record, and then removes nothing; so may the registration of what is not wanted here.
     */
    void isHere(FileEntry entry) {
        // In this order: whatever is registered later is at a later index, and so is not older than the removal.
        Lsn afterAllApplied = new Lsn(core.manifest().appliedIndex() + 1, 0);
        FileEntry registered = core.manifest().get(entry.path());
        if (live && registered == null) {
            removals.defer(entry.path(), afterAllApplied, entry.sizeBytes());
        } else if (live && registered != null && !registered.version().equals(entry.version())) {
            removals.deferLeftBehind(registered);
        }
    }

    /** The manifest no longer holds {@code entry}: perhaps it holds a newer one. */
    void gone(FileEntry entry) {
        FileEntry newer = core.manifest().get(entry.path());
        if (newer != null && newer.contentLsn().isAfter(entry.contentLsn())) {
            registered(newer);
        }
    }
}
