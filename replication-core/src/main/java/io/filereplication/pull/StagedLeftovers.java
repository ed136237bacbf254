package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.ManifestView;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;

/**
 * Which staged bytes are still of use: those of registered versions that are not here yet. To be asked only after the
 * barrier and of a settled manifest, since before that it says nothing about what is registered.
 */
final class StagedLeftovers implements LocalFiles.StagedFilter {
    private final ManifestView manifest;
    private final LocalFiles files;

    StagedLeftovers(ManifestView manifest, LocalFiles files) {
        this.manifest = manifest;
        this.files = files;
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
        return entry != null && entry.sha256().equals(sha256) && !files.records(entry.version());
    }
}
