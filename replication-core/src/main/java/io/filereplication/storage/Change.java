package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;

/** One line of the record log: how what this node knows of its own disk changed. Applying one twice changes nothing more. */
sealed interface Change {
    /** The file of the record's path is this version, unless it is suspect: then it is hashed before it is believed. */
    record Recorded(LocalRecord record, boolean suspect) implements Change {}

    /** There is no record for this path any more. */
    record Forgotten(FilePath path) implements Change {}

    /**
     * {@code from} is about to be renamed to the record's path. When the path has the record's stamp after a crash, the
     * rename was done; otherwise it was not, and the record before still says what is there.
     */
    record Intended(LocalRecord record, StorageBackend.OwnName from) implements Change {}

    /** {@code name} holds bytes of this version, worth resuming. */
    record Staged(StorageBackend.OwnName name, FileVersion version) implements Change {}

    /** {@code name} is of no use any more. */
    record Dropped(StorageBackend.OwnName name) implements Change {}
}
