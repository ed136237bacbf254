package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.List;

/**
 * The local files as the puller uses them, with a note in the task of which path it is about, and an eye on what becomes of
 * staged bytes.
 */
final class WatchedFiles extends ForwardingFiles {
    private final Kernel kernel;
    private final SimulatedNode node;
    private final StagedHistory history;

    WatchedFiles(Life life, LocalFiles files) {
        super(files);
        this.node = life.node();
        this.kernel = node.world().kernel();
        this.history = life.staged();
    }

    private void about(FilePath path) {
        about(List.of(path));
    }

    private void about(List<FilePath> paths) {
        kernel.current().errand = new Errand(paths, kernel.steps());
    }

    @Override
    public Presence presence(FileEntry entry) throws StorageException {
        about(entry.path());
        return super.presence(entry);
    }

    @Override
    public Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException {
        about(entry.path());
        node.verifies(entry.path());
        Presence found = super.verify(entry, bytesPerSecond);
        node.hashed(entry.version(), found != Presence.ABSENT || records(entry.version()));
        return found;
    }

    @Override
    public StagedFile stage(FileEntry entry) throws StorageException {
        about(entry.path());
        return history.opened(super.stage(entry));
    }

    @Override
    public Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException {
        about(entry.path());
        return super.publish(ForwardingStaged.innerOf(staged), digests, entry, manifest);
    }

    @Override
    public List<Outcome> publishAll(List<Whole> whole, ManifestView manifest) {
        about(whole.stream().map(file -> file.entry().path()).toList());
        return super.publishAll(
                whole.stream()
                        .map(file -> new Whole(ForwardingStaged.innerOf(file.staged()), file.digests(), file.entry()))
                        .toList(),
                manifest);
    }

    @Override
    public void dropStaged(StagedFilter wanted) throws StorageException {
        super.dropStaged(new StagedFilter() {
            @Override
            public boolean keepVersion(FileVersion version) {
                boolean keeps = wanted.keepVersion(version);
                if (!keeps) {
                    history.dropped(version);
                }
                return keeps;
            }

            @Override
            public boolean keepPut(FilePath path, Sha256 sha256) {
                return wanted.keepPut(path, sha256);
            }

            @Override
            public boolean keepDisplaced(FilePath path) {
                return wanted.keepDisplaced(path);
            }
        });
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException {
        about(path);
        return super.remove(path, before, disposal, manifest);
    }
}
