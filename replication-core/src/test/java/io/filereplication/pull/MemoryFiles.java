package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.storage.FileStamp;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.ResumeNotSupportedException;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageFullException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Local files in memory: strict (an open staged file is a failure of the test's tear-down), with faults and with a hook
 * before every step, where a test lets something else happen.
 */
final class MemoryFiles implements LocalFiles {
    private static final class Staging {
        byte[] bytes = new byte[0];

        @Nullable
        PrefixDigests written;
    }

    private static final class OnDisk {
        private final byte[] bytes;
        private final FileStamp stamp;

        OnDisk(byte[] bytes, FileStamp stamp) {
            this.bytes = bytes;
            this.stamp = stamp;
        }

        byte[] bytes() {
            return bytes;
        }

        FileStamp stamp() {
            return stamp;
        }
    }

    final TreeMap<FilePath, OnDisk> disk = new TreeMap<>();
    final TreeMap<FilePath, LocalRecord> records = new TreeMap<>();
    private final Map<FileVersion, Staging> staged = new LinkedHashMap<>();
    private final Map<FilePath, Map<Sha256, byte[]>> puts = new HashMap<>();
    private final Map<Memo, String> memos = new EnumMap<>(Memo.class);
    final Map<FilePath, byte[]> trash = new TreeMap<>();
    long barrierIndex = -1;
    boolean earlierProposalsOver;
    final Set<StagedFile> open = new LinkedHashSet<>();
    final List<FilePath> removed = new ArrayList<>();
    final List<FileVersion> verified = new ArrayList<>();
    final List<FileEntry> published = new ArrayList<>();
    /** Called with the name of each step before it happens. */
    Consumer<String> hook = step -> {};
    /** Called between the last look at the manifest and the rename: what needs the path cannot happen there. */
    Runnable beforeRename = () -> {};
    /** When set, thrown by the next step of that name. */
    final Map<String, StorageException> failures = new HashMap<>();

    boolean full;
    /** No larger file fits. */
    long room = Long.MAX_VALUE;

    boolean cannotAppend;
    private long clock;

    /** As for a file that is being registered where it lies. */
    boolean postponesRemovals;

    private void step(String name) throws StorageException {
        hook.accept(name);
        StorageException failure = failures.remove(name);
        if (failure != null) {
            throw failure;
        }
    }

    /** Puts bytes on the disk behind everyone's back. */
    void write(FilePath path, byte[] bytes) {
        disk.put(path, new OnDisk(bytes, new FileStamp(bytes.length, ++clock, clock)));
    }

    /** Changes bytes without changing how the file looks from outside: rot. */
    void rot(FilePath path) {
        OnDisk file = file(path);
        byte[] bytes = file.bytes().clone();
        bytes[0] ^= 1;
        disk.put(path, new OnDisk(bytes, file.stamp()));
    }

    /** A file and the record of it, as an earlier process left them. */
    void has(FileEntry entry, byte[] bytes) {
        write(entry.path(), bytes);
        records.put(
                entry.path(),
                new LocalRecord(
                        entry.version(), entry.sha256(), file(entry.path()).stamp()));
    }

    void stageAs(FileVersion version, byte[] bytes) {
        Staging staging = new Staging();
        staging.bytes = bytes;
        staged.put(version, staging);
    }

    /** Bytes of a put that was finished here and waits for its registration. */
    void stagePut(FilePath path, byte[] bytes) {
        puts.computeIfAbsent(path, p -> new HashMap<>()).put(FakeManifest.digest(bytes), bytes);
    }

    boolean hasPut(FilePath path, byte[] bytes) {
        return puts.getOrDefault(path, Map.of()).containsKey(FakeManifest.digest(bytes));
    }

    byte @Nullable [] read(FilePath path) {
        OnDisk file = disk.get(path);
        return file == null ? null : file.bytes();
    }

    Set<FileVersion> stagedVersions() {
        return staged.keySet();
    }

    private OnDisk file(FilePath path) {
        OnDisk file = disk.get(path);
        if (file == null) {
            throw new AssertionError(path + " is not on the disk");
        }
        return file;
    }

    @Override
    public boolean records(FileVersion version) {
        LocalRecord record = records.get(version.path());
        return record != null && record.version().equals(version);
    }

    @Override
    public @Nullable LocalRecord record(FilePath path) {
        return records.get(path);
    }

    @Override
    public Presence presence(FileEntry entry) throws StorageException {
        step("presence");
        OnDisk file = disk.get(entry.path());
        if (file == null) {
            return Presence.ABSENT;
        }
        LocalRecord record = records.get(entry.path());
        if (record == null || !record.stamp().equals(file.stamp())) {
            return Presence.UNVERIFIED;
        }
        if (record.version().equals(entry.version())) {
            return Presence.HERE;
        }
        boolean same = record.sha256().equals(entry.sha256())
                && entry.contentLsn().isAfter(record.version().contentLsn());
        if (same) {
            records.put(entry.path(), new LocalRecord(entry.version(), entry.sha256(), file.stamp()));
        }
        return same ? Presence.HERE : Presence.ABSENT;
    }

    @Override
    public boolean exists(FilePath path) {
        return disk.containsKey(path);
    }

    @Override
    public Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException {
        step("verify");
        verified.add(entry.version());
        OnDisk file = disk.get(entry.path());
        if (file == null || !FakeManifest.digest(file.bytes()).equals(entry.sha256())) {
            return Presence.ABSENT;
        }
        records.put(entry.path(), new LocalRecord(entry.version(), entry.sha256(), file.stamp()));
        return Presence.HERE;
    }

    @Override
    public StagedFile stage(FileEntry entry) throws StorageException {
        step("stage");
        if (full || entry.sizeBytes() > room) {
            throw new StorageFullException("full");
        }
        byte[] put = puts.getOrDefault(entry.path(), Map.of()).get(entry.sha256());
        Staging staging = staged.computeIfAbsent(entry.version(), version -> new Staging());
        if (put != null && staging.bytes.length == 0) {
            staging.bytes = put;
            PrefixHasher hasher = new PrefixHasher();
            hasher.update(ByteBuffer.wrap(put));
            staging.written = hasher.digests();
        }
        OpenStaged file = new OpenStaged(entry.version(), staging);
        open.add(file);
        return file;
    }

    @Override
    public Publication publish(StagedFile file, PrefixDigests digests, FileEntry entry, ManifestView manifest)
            throws StorageException {
        step("publish");
        OpenStaged mine = (OpenStaged) file;
        try {
            FileEntry registered = manifest.get(entry.path());
            LocalRecord before = records.get(entry.path());
            if (registered == null || !registered.version().equals(entry.version())) {
                mine.discard();
                return new Publication.Superseded();
            }
            if (before != null && !entry.contentLsn().isAfter(before.version().contentLsn())) {
                mine.discard();
                return new Publication.AlreadyHere();
            }
            if (!digests.whole().equals(entry.sha256())
                    || !FakeManifest.digest(mine.staging.bytes).equals(entry.sha256())) {
                throw new AssertionError("unverified bytes of " + entry + " were to be published");
            }
            beforeRename.run();
            write(entry.path(), mine.staging.bytes);
            records.put(
                    entry.path(),
                    new LocalRecord(
                            entry.version(), entry.sha256(), file(entry.path()).stamp()));
            published.add(entry);
            staged.remove(entry.version());
            puts.getOrDefault(entry.path(), new HashMap<>()).remove(entry.sha256());
            return new Publication.Published(before);
        } finally {
            file.close();
        }
    }

    @Override
    public void barrierPassed(long appliedIndex) {
        barrierIndex = appliedIndex;
    }

    @Override
    public void earlierProposalsOver() {
        earlierProposalsOver = true;
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest) throws StorageException {
        step("remove");
        if (postponesRemovals) {
            return Removal.POSTPONED;
        }
        LocalRecord record = records.get(path);
        if (record == null) {
            return Removal.NOTHING_HERE;
        }
        FileEntry registered = manifest.get(path);
        boolean leftBehind = disposal == Disposal.LEFT_BEHIND
                && registered != null
                && registered.contentLsn().equals(before)
                && !registered.sha256().equals(record.sha256());
        if ((registered != null && !leftBehind)
                || !before.isAfter(record.version().contentLsn())) {
            return Removal.STILL_WANTED;
        }
        OnDisk gone = disk.remove(path);
        records.remove(path);
        removed.add(path);
        if (disposal != Disposal.DELETE && gone != null) {
            trash.put(path, gone.bytes());
            return Removal.MOVED;
        }
        full = false;
        return Removal.DELETED;
    }

    @Override
    public List<LocalRecord> page(@Nullable FilePath after, int limit) {
        return (after == null ? records : records.tailMap(after, false))
                .values().stream().limit(limit).toList();
    }

    @Override
    public Opening open(FileEntry entry) {
        return new Opening.NotHere();
    }

    @Override
    public void suspect(FileVersion version) {
        if (records(version)) {
            records.remove(version.path());
        }
    }

    @Override
    public PutFile beginPut(FilePath path, long sizeHint) {
        throw new UnsupportedOperationException("the puller does not put");
    }

    @Override
    public HashedFile hashInPlace(FilePath path) {
        throw new UnsupportedOperationException("the puller does not register");
    }

    @Override
    public @Nullable String memo(Memo what) {
        return memos.get(what);
    }

    @Override
    public void keepMemo(Memo what, String text) throws StorageException {
        step("keepMemo");
        memos.put(what, text);
    }

    @Override
    public void unrecorded(String prefix, Consumer<FilePath> each) {}

    @Override
    public void dropStaged(StagedFilter wanted) throws StorageException {
        step("dropStaged");
        staged.keySet().removeIf(version -> !wanted.keepVersion(version));
        puts.forEach((path, contents) -> contents.keySet().removeIf(sha -> !wanted.keepPut(path, sha)));
    }

    @Override
    public void close() {}

    private final class OpenStaged implements StagedFile {
        private final FileVersion version;
        private final Staging staging;

        OpenStaged(FileVersion version, Staging staging) {
            this.version = version;
            this.staging = staging;
        }

        @Override
        public FileVersion version() {
            return version;
        }

        @Override
        public long length() {
            return staging.bytes.length;
        }

        @Override
        public @Nullable PrefixDigests writtenDigests() {
            return staging.written;
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            step("read");
            if (position >= staging.bytes.length) {
                return -1;
            }
            int take = Math.min(target.remaining(), staging.bytes.length - (int) position);
            target.put(staging.bytes, (int) position, take);
            return take;
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            step("append");
            if (cannotAppend && staging.bytes.length > 0) {
                throw new ResumeNotSupportedException("no append");
            }
            int at = staging.bytes.length;
            staging.bytes = Arrays.copyOf(staging.bytes, at + bytes.remaining());
            bytes.get(staging.bytes, at, staging.bytes.length - at);
            staging.written = null;
        }

        @Override
        public void truncate(long length) throws StorageException {
            step("truncate");
            if (cannotAppend && length > 0) {
                throw new ResumeNotSupportedException("no append");
            }
            staging.bytes = Arrays.copyOf(staging.bytes, (int) length);
            staging.written = null;
        }

        @Override
        public void discard() {
            staged.remove(version, staging);
            close();
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }
}
