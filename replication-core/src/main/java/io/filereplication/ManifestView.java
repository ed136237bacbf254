package io.filereplication;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The manifest as the puller, the server and readers see it: always one whole manifest, never one that is half loaded or
 * momentarily empty.
 *
 * <p>Thread-safe; no method blocks or waits for apply.
 */
public interface ManifestView {
    /**
     * Longer than any client, network or leader keeps a proposal that it may still turn into a log entry: a log entry of our client goes
     * on for 30 s after a call in it has ended, and the Raft client beneath tries 41 times for 3 s, after the request before it. Where
     * those 3 s are set otherwise, the plugin reckons with that.
     */
    Duration LONGEST_PROPOSAL = Duration.ofMinutes(5);

    /** The entry registered for {@code path}, or null. Reflects at least {@link #appliedIndex()} as read before this call. */
    @Nullable
    FileEntry get(FilePath path);

    /**
     * The log index up to which commands have been applied, or -1 when none has. It moves only after the listeners have
     * heard what was applied up to it.
     */
    long appliedIndex();

    /** Whether {@code version} was applied here and is not the registered one any more: deleted, or replaced. */
    default boolean hasMovedPast(FileVersion version) {
        // In this order: an entry that is being applied just now must not look as if it had come and gone.
        boolean applied = appliedIndex() >= version.contentLsn().index();
        FileEntry registered = get(version.path());
        return applied && (registered == null || !registered.version().equals(version));
    }

    /**
     * Entries in path order behind {@code after} (null: from the first), at most {@code limit}. An entry that is present
     * during a whole walk of pages is never skipped; an empty page ends the walk.
     */
    List<FileEntry> page(@Nullable FilePath after, int limit);

    /** How many files are registered. */
    long count();

    /** The sum of the registered sizes, bytes. */
    long bytes();

    /**
     * Whether the manifest may be acted upon: false while the state machine is paused or loading a snapshot, and until the
     * listeners have heard {@link ManifestListener#replaced} of what was loaded.
     */
    boolean isSettled();
}
