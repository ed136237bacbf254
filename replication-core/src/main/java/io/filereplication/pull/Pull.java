package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.time.Scheduler;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version on its way here, from the queue to the published file: a session with a state.
 *
 * <p>The state and everything about queues belong to {@link PullTable} and are touched under its lock; what was learned of
 * peers belongs to the worker that has the pull.
 */
final class Pull {
    private static final Logger LOG = LoggerFactory.getLogger(Pull.class);

    private final FileEntry entry;
    private final Occasion occasion;
    /** When it was begun. */
    final long addedAtNanos;

    private PullState state;
    private volatile boolean cancelled;

    // Of the table.
    /** Whether the file is known to be missing; not when a file that is recorded here is only doubted. */
    boolean missing;
    /** Whether readiness waits for it. */
    boolean gating;
    /** Who has a lower one came before it to where pulls wait for a worker. */
    long turn;
    /** Since when it waits for a worker, while it does. */
    long queuedAtNanos;
    /** Since when it is known to be missing, while it is. */
    long missingSinceNanos;
    /** How often the members had changed when a worker took it. */
    long takenAtChange;
    /** When it is tried again, while it waits for that. */
    long dueNanos;
    /** Why its last try ended without the file. */
    @Nullable
    String lastReason;
    /** Attempts that counted. */
    int attempts;
    /** Tries in a row that did not count; they only make the pauses longer. */
    int uncounted;

    Scheduler.@Nullable Cancellable timer;

    @Nullable
    PullQueue queue;

    @Nullable
    Pull previous;

    @Nullable
    Pull next;
    /** Whether every member has answered that it has no such file. */
    boolean unavailable;

    // Of the worker that has it.
    /** Whether the file that lies at the path was hashed and is another content. */
    boolean hashedHere;
    /** Whether that is only believed because the file could not be read: the disk may recover, and hold the only copy. */
    boolean unreadable;
    /** Whether a peer sent any of it. */
    boolean fromPeer;
    /** Who sent bad bytes of this version: asked last from then on. */
    final Set<NodeId> sentBadBytes = new LinkedHashSet<>();
    /** Who answered last that it has no such file. */
    final Set<NodeId> withoutFile = new LinkedHashSet<>();

    /** A pull that waits for a worker, or to be hashed when its file is only doubted. */
    Pull(FileEntry entry, Occasion occasion, long nowNanos) {
        this.entry = entry;
        this.occasion = occasion;
        this.addedAtNanos = nowNanos;
        this.queuedAtNanos = nowNanos;
        this.state = occasion == Occasion.DOUBT ? PullState.UNVERIFIED : PullState.QUEUED;
    }

    Occasion occasion() {
        return occasion;
    }

    FileEntry entry() {
        return entry;
    }

    FilePath path() {
        return entry.path();
    }

    PullState state() {
        return state;
    }

    /** Goes to {@code next}; why is for the log. */
    void transition(PullState next, String reason) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException(this + " cannot become " + next + " (" + reason + ")");
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: {} -> {} ({})", entry.version(), state, next, reason);
        }
        state = next;
    }

    /** Ends whatever a worker does for it. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    @Override
    public String toString() {
        return "pull of " + entry.version() + " in " + state;
    }
}
