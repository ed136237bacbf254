package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.List;

/** The local files as the puller uses them, with a note in the task of which path it is about. */
final class WatchedFiles extends ForwardingFiles {
    private final Kernel kernel;
    private final SimulatedNode node;

    WatchedFiles(SimulatedNode node, LocalFiles files) {
        super(files);
        this.kernel = node.world().kernel();
        this.node = node;
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
        return super.verify(entry, bytesPerSecond);
    }

    @Override
    public StagedFile stage(FileEntry entry) throws StorageException {
        about(entry.path());
        return super.stage(entry);
    }

    @Override
    public Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException {
        about(entry.path());
        return super.publish(staged, digests, entry, manifest);
    }

    @Override
    public List<Outcome> publishAll(List<Whole> whole, ManifestView manifest) {
        about(whole.stream().map(file -> file.entry().path()).toList());
        return super.publishAll(whole, manifest);
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException {
        about(path);
        return super.remove(path, before, disposal, manifest);
    }
}
