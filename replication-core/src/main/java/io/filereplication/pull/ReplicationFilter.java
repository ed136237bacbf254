package io.filereplication.pull;

import io.filereplication.Attributes;
import io.filereplication.FilePath;

/**
 * Which files this node wants, decided by path and attributes alone, so that the answer for one entry never changes by
 * itself. Called on the apply thread: no I/O, no lock.
 */
@FunctionalInterface
public interface ReplicationFilter {
    /** Wants every file. */
    ReplicationFilter ALL = (path, attributes) -> true;

    /** Whether the file with this path and these attributes is wanted here. */
    boolean wants(FilePath path, Attributes attributes);
}
