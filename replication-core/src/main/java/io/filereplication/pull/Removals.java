package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.StorageException;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local copies that the manifest no longer has: kept for a grace period, then removed, each after another look at the
 * manifest. Many at once go to the trash instead. So does a copy that is left behind because others have registered at its path
 * what is not wanted here: nobody has seen the newer content yet when the older one goes.
 *
 * <p>Nothing is removed before {@link #allow()}, nor while the manifest is not settled. What is pending is in memory only and
 * bounded; a walk finds again what a restart or an overflow forgot. One lane does the removing.
 */
final class Removals {
    private static final Logger LOG = LoggerFactory.getLogger(Removals.class);
    /** Most removals that are pending; more are left to the next walk. */
    static final int MOST_PENDING = 65_536;

    private static final int AT_A_TIME = 64;
    private static final Duration UNSETTLED_PAUSE = Duration.ofSeconds(1);

    private record Pending(FilePath path, Lsn before, long bytes, long dueNanos) {}

    private final PullerCore core;
    private final FileEvents events;
    private final Runnable onSpace;
    private final Runnable onForgotten;
    private final SerialTask lane;
    private final StagedLeftovers leftovers;
    /** In the order in which they become due, because the grace is the same for all. */
    private final Map<FilePath, Pending> pending = new LinkedHashMap<>();

    private long pendingBytes;
    private boolean bulk;
    private boolean allowed;
    private boolean closed;
    private Scheduler.@Nullable Cancellable timer;

    /**
     * {@code onSpace} hears that bytes were deleted, {@code onForgotten} that a walk has to find some more.
     */
    Removals(PullerCore core, FileEvents events, Runnable onSpace, Runnable onForgotten) {
        this.core = core;
        this.events = events;
        this.onSpace = onSpace;
        this.onForgotten = onForgotten;
        this.lane = new SerialTask(core.scheduler(), core.active(), this::drain);
        this.leftovers = StagedLeftovers.of(core);
    }

    /** From now on files may be removed: the barrier was passed and the records agree with the manifest. */
    synchronized void allow() {
        allowed = true;
        arm();
    }

    synchronized boolean isAllowed() {
        return allowed;
    }

    /** Removes the local copy of {@code path} after the grace period, if it is then of a version older than {@code before}. */
    void defer(FilePath path, Lsn before, long bytes) {
        boolean forgotten;
        synchronized (this) {
            if (closed) {
                return;
            }
            Pending known = pending.remove(path);
            if (known != null) {
                pendingBytes -= known.bytes();
            }
            Lsn latest = known != null && known.before().isAfter(before) ? known.before() : before;
            forgotten = pending.size() >= MOST_PENDING;
            if (!forgotten) {
                long due = core.scheduler().nanoTime()
                        + core.config().deleteGrace().toNanos();
                pending.put(path, new Pending(path, latest, bytes, due));
                pendingBytes += bytes;
                arm();
            }
        }
        if (forgotten) {
            onForgotten.run();
        }
    }

    /** What {@code registered}, which is not wanted here, leaves behind of an older version goes like what was deleted. */
    void deferLeftBehind(FileEntry registered) {
        LocalRecord record = core.files().record(registered.path());
        if (record != null && core.isLeftBehind(record, registered)) {
            defer(registered.path(), registered.contentLsn(), record.stamp().sizeBytes());
        }
    }

    /** {@link #defer} for what a walk finds again and again while it is pending: that does not put the removal off. */
    void deferUnlessPending(FilePath path, Lsn before, long bytes) {
        synchronized (this) {
            if (pending.containsKey(path)) {
                return;
            }
        }
        defer(path, before, bytes);
    }

    /** Once more after a while; a walk would find the same. */
    private synchronized void postpone(Pending due) {
        Duration grace = core.config().deleteGrace();
        Duration pause = grace.compareTo(UNSETTLED_PAUSE) > 0 ? grace : UNSETTLED_PAUSE;
        long again = core.scheduler().nanoTime() + pause.toNanos();
        Pending later = new Pending(due.path(), due.before(), due.bytes(), again);
        if (!closed && pending.putIfAbsent(due.path(), later) == null) {
            pendingBytes += due.bytes();
        }
    }

    private void arm() {
        if (allowed && timer == null && !pending.isEmpty()) {
            long due = pending.values().iterator().next().dueNanos();
            armIn(Duration.ofNanos(Math.max(0, due - core.scheduler().nanoTime())));
        }
    }

    private void armIn(Duration delay) {
        timer = core.scheduler().schedule(delay, lane::request);
    }

    private void drain() throws InterruptedException {
        boolean settled = core.manifest().isSettled();
        long registeredBytes = core.manifest().bytes();
        Bulk bulkNow = null;
        synchronized (this) {
            timer = null;
            if (settled) {
                bulkNow = judgeBulk(registeredBytes);
            } else {
                armIn(UNSETTLED_PAUSE);
            }
        }
        if (!settled) {
            return;
        }
        if (bulkNow != null) {
            core.log()
                    .warn(
                            LOG,
                            "{} files with {} bytes are to be removed at once: they go to the trash",
                            bulkNow.files(),
                            bulkNow.bytes());
        }
        int removed = 0;
        for (Pending due = pollDue(); due != null; due = removed < AT_A_TIME ? pollDue() : null) {
            remove(due);
            removed++;
        }
        if (removed > 0) {
            dropLeftovers();
        }
        synchronized (this) {
            bulk &= !pending.isEmpty();
            if (timer == null) {
                arm();
            }
        }
    }

    private record Bulk(int files, long bytes) {}

    /**
     * Once what is pending together is much, all of it goes to the trash, however small its last rest is. Returns how much
     * it is when that is news.
     */
    private @Nullable Bulk judgeBulk(long registeredBytes) {
        long all = registeredBytes + pendingBytes;
        boolean much = pending.size() > core.config().bulkFiles()
                || pendingBytes > core.config().bulkShare() * all;
        boolean news = much && !bulk && !pending.isEmpty();
        bulk |= much;
        return news ? new Bulk(pending.size(), pendingBytes) : null;
    }

    private synchronized @Nullable Pending pollDue() {
        Iterator<Pending> each = pending.values().iterator();
        if (closed || !allowed || !each.hasNext()) {
            return null;
        }
        Pending first = each.next();
        if (first.dueNanos() - core.scheduler().nanoTime() > 0) {
            return null;
        }
        each.remove();
        pendingBytes -= first.bytes();
        return first;
    }

    private void remove(Pending due) throws InterruptedException {
        ManifestView manifest = core.manifest();
        LocalRecord record = core.files().record(due.path());
        if (record == null || !due.before().isAfter(record.version().contentLsn())) {
            return;
        }
        FileEntry registered = manifest.get(due.path());
        if (!manifest.isSettled() || (registered != null && !core.isLeftBehind(record, registered))) {
            // Registered again: what replaces this copy is published over it, and until then it may be the last one.
            return;
        }
        Lsn before = registered == null ? due.before() : registered.contentLsn();
        Disposal disposal = registered != null ? Disposal.LEFT_BEHIND : isBulk() ? Disposal.TRASH : Disposal.DELETE;
        try {
            events.beforeRemove(record);
        } catch (RuntimeException e) {
            core.log().error(LOG, "the application failed to hear that {} is to be removed", record.version(), e);
        }
        try {
            LocalFiles.Removal removal = core.files().remove(due.path(), before, disposal, manifest);
            LOG.debug("{}: removal before {}: {}", record.version(), before, removal);
            switch (removal) {
                case DELETED -> onSpace.run();
                case POSTPONED -> postpone(due);
                case MOVED, NOT_OURS -> {}
                case NOTHING_HERE, STILL_WANTED -> {
                    if (isStillDue(due, record)) {
                        onForgotten.run();
                    }
                }
            }
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log().failure(LOG, "{} could not be removed; a walk finds it again", record.version(), e);
            onForgotten.run();
        }
    }

    /** The storage did not do it although nothing has changed: not now, so a walk asks again. */
    private boolean isStillDue(Pending due, LocalRecord record) {
        FileEntry registered = core.manifest().get(due.path());
        return record.equals(core.files().record(due.path()))
                && (registered == null || core.isLeftBehind(record, registered));
    }

    /** What was deleted while its pull waited for the next attempt has left its staged bytes behind. */
    private void dropLeftovers() {
        try {
            if (core.manifest().isSettled()) {
                leftovers.drop();
            }
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log()
                    .failure(LOG, "staged bytes that nobody wants could not be deleted; the next walk tries again", e);
        }
    }

    private synchronized boolean isBulk() {
        return bulk;
    }

    /** Forgets what is pending. */
    synchronized void close() {
        closed = true;
        pending.clear();
        pendingBytes = 0;
        if (timer != null) {
            timer.cancel();
        }
    }

    synchronized int size() {
        return pending.size();
    }
}
