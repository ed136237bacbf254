package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.ManifestView;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;
import io.filereplication.time.Ticker;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Which staged bytes are still of use: those of registered versions that are not here yet. To be asked only after the
 * barrier and of a settled manifest, since before that it says nothing about what is registered.
 */
final class StagedLeftovers implements LocalFiles.StagedFilter {
    private final ManifestView manifest;
    private final LocalFiles files;
    private final Predicate<FileEntry> wants;
    private final Ticker ticker;
    private final long settledFromNanos;

    /** For a puller that begins now; a proposal of the process before it may take {@code longestProposal}. */
    StagedLeftovers(
            ManifestView manifest,
            LocalFiles files,
            Predicate<FileEntry> wants,
            Ticker ticker,
            Duration longestProposal) {
        this.manifest = manifest;
        this.files = files;
        this.wants = wants;
        this.ticker = ticker;
        this.settledFromNanos = ticker.nanoTime() + longestProposal.toNanos();
    }

    /** For the parts of {@code core}, which begin now. */
    static StagedLeftovers of(PullerCore core) {
        return new StagedLeftovers(
                core.manifest(),
                core.files(),
                core::wants,
                core.scheduler(),
                core.config().longestProposal());
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
        if (mayBeProposed()) {
            return true;
        }
        FileEntry entry = manifest.get(path);
        // What others have registered and is not wanted here is not published here, whoever has put it too.
        return entry != null && entry.sha256().equals(sha256) && wants.test(entry) && !files.records(entry.version());
    }

    @Override
    public boolean keepDisplaced(FilePath path) {
        FileEntry entry = manifest.get(path);
        return mayBeProposed() || (entry != null && wants.test(entry) && !files.records(entry.version()));
    }

    /** Whether a proposal of the process before this one may still become a log entry, barrier or not. */
    private boolean mayBeProposed() {
        return ticker.nanoTime() - settledFromNanos < 0;
    }
}
