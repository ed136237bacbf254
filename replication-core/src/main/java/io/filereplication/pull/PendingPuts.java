package io.filereplication.pull;

import io.filereplication.FilePath;
import io.filereplication.Sha256;

/**
 * The puts of this process that Raft has not decided yet: their staged bytes are in no manifest and must be kept all the
 * same. Thread-safe, no I/O.
 */
@FunctionalInterface
public interface PendingPuts {
    /** No put is under way. */
    PendingPuts NONE = (path, sha256) -> false;

    /** Whether a put of this content is staged or proposed and its outcome is not known. */
    boolean isPending(FilePath path, Sha256 sha256);
}
