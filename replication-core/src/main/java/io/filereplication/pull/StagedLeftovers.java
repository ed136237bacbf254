package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.ManifestView;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;
import java.util.function.Predicate;

/**
 * Which staged bytes are still of use: those of registered versions that are not here yet. To be asked only after the
 * barrier and of a settled manifest, since before that it says nothing about what is registered.
 */
final class StagedLeftovers implements LocalFiles.StagedFilter {
    private final ManifestView manifest;
    private final LocalFiles files;
    private final Predicate<FileEntry> wants;

    StagedLeftovers(ManifestView manifest, LocalFiles files, Predicate<FileEntry> wants) {
        this.manifest = manifest;
        this.files = files;
        this.wants = wants;
    }

    /** For the parts of {@code core}. */
    static StagedLeftovers of(PullerCore core) {
        return new StagedLeftovers(core.manifest(), core.files(), core::wants);
    }

    /** Deletes all others. Blocks. */
    void drop() throws StorageException {
        files.dropStaged(this);
    }

    @Override
    public boolean keepVersion(FileVersion version) {
        FileEntry entry = manifest.get(version.path());
        return entry != null && entry.version().equals(version) && !files.records(version);
    }

    @Override
    public boolean keepPut(FilePath path, Sha256 sha256) {
        FileEntry entry = manifest.get(path);
        // What others have registered and is not wanted here is not published here, whoever has put it too.
        return entry != null && entry.sha256().equals(sha256) && wants.test(entry) && !files.records(entry.version());
    }

    @Override
    public boolean keepDisplaced(FilePath path) {
        FileEntry entry = manifest.get(path);
        return entry != null && wants.test(entry) && !files.records(entry.version());
    }
}
