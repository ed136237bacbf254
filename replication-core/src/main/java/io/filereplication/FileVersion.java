package io.filereplication;

import java.util.Objects;

/**
 * One content of one file within a group: the identity that everything carries which can race. Two entries with the same
 * version have the same digest and size; a newer {@code contentLsn} of the same path supersedes an older one.
 */
public record FileVersion(FilePath path, Lsn contentLsn) {
    public FileVersion {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(contentLsn, "contentLsn");
    }

    @Override
    public String toString() {
        return path + "@" + contentLsn;
    }
}
