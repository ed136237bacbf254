package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestListener;
import org.jspecify.annotations.Nullable;

/** One entry that a batch changes: null before when the path is new, null after when it is removed. */
record Change(
        FilePath path,
        Lsn at,
        @Nullable FileEntry before,
        @Nullable FileEntry after) {
    /** Tells {@code listener}, unless nothing changed that anybody would have to fetch or remove. */
    void announce(ManifestListener listener) {
        if (after == null) {
            if (before != null) {
                listener.deleted(before, at);
            }
        } else if (after.contentLsn().equals(at)) {
            listener.registered(after);
        }
    }
}
