package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Sha256;
import java.util.function.Predicate;

/** Keeps staged bytes by version, puts by path, and what was put aside by path. */
record KeptLeftovers(Predicate<FileVersion> versions, Predicate<FilePath> puts, Predicate<FilePath> displaced)
        implements LocalFiles.StagedFilter {
    static final KeptLeftovers ALL = new KeptLeftovers(version -> true, path -> true, path -> true);
    static final KeptLeftovers NONE = new KeptLeftovers(version -> false, path -> false, path -> false);

    @Override
    public boolean keepVersion(FileVersion version) {
        return versions.test(version);
    }

    @Override
    public boolean keepPut(FilePath path, Sha256 sha256) {
        return puts.test(path);
    }

    @Override
    public boolean keepDisplaced(FilePath path) {
        return displaced.test(path);
    }
}
