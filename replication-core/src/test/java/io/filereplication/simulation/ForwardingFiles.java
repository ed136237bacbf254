package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Local files that do what others do: the ground of those that do one thing otherwise. */
class ForwardingFiles implements LocalFiles {
    private final LocalFiles files;

    ForwardingFiles(LocalFiles files) {
        this.files = files;
    }

    @Override
    public @Nullable LocalRecord record(FilePath path) {
        return files.record(path);
    }

    @Override
    public boolean records(FileVersion version) {
        return files.records(version);
    }

    @Override
    public Presence presence(FileEntry entry) throws StorageException {
        return files.presence(entry);
    }

    @Override
    public boolean exists(FilePath path) throws StorageException {
        return files.exists(path);
    }

    @Override
    public Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException {
        return files.verify(entry, bytesPerSecond);
    }

    @Override
    public StagedFile stage(FileEntry entry) throws StorageException {
        return files.stage(entry);
    }

    @Override
    public Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException {
        return files.publish(staged, digests, entry, manifest);
    }

    @Override
    public List<Outcome> publishAll(List<Whole> whole, ManifestView manifest) {
        return files.publishAll(whole, manifest);
    }

    @Override
    public void barrierPassed(long appliedIndex) {
        files.barrierPassed(appliedIndex);
    }

    @Override
    public void earlierProposalsOver() {
        files.earlierProposalsOver();
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException {
        return files.remove(path, before, disposal, manifest);
    }

    @Override
    public List<LocalRecord> page(@Nullable FilePath after, int limit) {
        return files.page(after, limit);
    }

    @Override
    public Opening open(FileEntry entry) throws StorageException {
        return files.open(entry);
    }

    @Override
    public void suspect(FileVersion version) throws StorageException {
        files.suspect(version);
    }

    @Override
    public PutFile beginPut(FilePath path, long sizeHint) throws StorageException {
        return files.beginPut(path, sizeHint);
    }

    @Override
    public void registrationOver(FilePath path) {
        files.registrationOver(path);
    }

    @Override
    public HashedFile hashInPlace(FilePath path) throws StorageException, InterruptedException {
        return files.hashInPlace(path);
    }

    @Override
    public @Nullable String memo(Memo what) {
        return files.memo(what);
    }

    @Override
    public void keepMemo(Memo what, String text) throws StorageException {
        files.keepMemo(what, text);
    }

    @Override
    public void unrecorded(String prefix, Consumer<FilePath> each) throws StorageException {
        files.unrecorded(prefix, each);
    }

    @Override
    public void dropStaged(StagedFilter wanted) throws StorageException {
        files.dropStaged(wanted);
    }

    @Override
    public void close() {
        files.close();
    }
}
