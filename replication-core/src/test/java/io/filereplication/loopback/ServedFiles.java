package io.filereplication.loopback;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The files of a serving node in memory: only what a server calls. Counts the files that are open. */
public final class ServedFiles implements LocalFiles {
    private final Map<FileVersion, Copy> copies = new ConcurrentHashMap<>();
    private final List<FileVersion> suspected = new CopyOnWriteArrayList<>();
    private Reading reading = (version, position) -> {};
    private final AtomicInteger open = new AtomicInteger();

    /** What happens before each read. */
    @FunctionalInterface
    public interface Reading {
        void before(FileVersion version, long position) throws StorageException;
    }

    /** Holds {@code content} as {@code entry}'s verified bytes. */
    public void put(FileEntry entry, byte[] content) {
        copies.put(entry.version(), new Copy(content.clone(), SampleFiles.digests(content)));
    }

    /** Holds {@code rotten} bytes under the digests of the right ones, as a disk does that went bad unnoticed. */
    public void putRotten(FileEntry entry, byte[] content, byte[] rotten) {
        copies.put(entry.version(), new Copy(rotten.clone(), SampleFiles.digests(content)));
    }

    public void remove(FileEntry entry) {
        copies.remove(entry.version());
    }

    public void onRead(Reading hook) {
        this.reading = hook;
    }

    public List<FileVersion> suspected() {
        return List.copyOf(suspected);
    }

    /** What verification does once it has found the bytes to be right. */
    public void verified(FileEntry entry) {
        suspected.remove(entry.version());
    }

    public int openFiles() {
        return open.get();
    }

    @Override
    public Opening open(FileEntry entry) {
        Copy copy = copies.get(entry.version());
        if (copy == null) {
            return new Opening.NotHere();
        }
        if (suspected.contains(entry.version())) {
            return new Opening.NotReady();
        }
        open.incrementAndGet();
        return new Opening.Opened(new MemoryFile(entry.version(), copy));
    }

    @Override
    public void suspect(FileVersion version) {
        suspected.add(version);
    }

    @Override
    public @Nullable LocalRecord record(FilePath path) {
        throw new UnsupportedOperationException("a server looks at versions only");
    }

    @Override
    public boolean records(FileVersion version) {
        return copies.containsKey(version);
    }

    @Override
    public Presence presence(FileEntry entry) {
        throw notServing();
    }

    @Override
    public boolean exists(FilePath path) {
        throw notServing();
    }

    @Override
    public Presence verify(FileEntry entry, long bytesPerSecond) {
        throw notServing();
    }

    @Override
    public StagedFile stage(FileEntry entry) {
        throw notServing();
    }

    @Override
    public Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest) {
        throw notServing();
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest) {
        throw notServing();
    }

    @Override
    public List<LocalRecord> page(@Nullable FilePath after, int limit) {
        throw notServing();
    }

    @Override
    public PutFile beginPut(FilePath path, long sizeHint) {
        throw notServing();
    }

    @Override
    public HashedFile hashInPlace(FilePath path) {
        throw notServing();
    }

    @Override
    public @Nullable String memo(Memo what) {
        throw notServing();
    }

    @Override
    public void keepMemo(Memo what, String text) {
        throw notServing();
    }

    @Override
    public void unrecorded(String prefix, Consumer<FilePath> each) {}

    @Override
    public void dropStaged(StagedFilter wanted) {
        throw notServing();
    }

    @Override
    public void close() {}

    private static UnsupportedOperationException notServing() {
        return new UnsupportedOperationException("A server does not call this");
    }

    private static final class Copy {
        private final byte[] content;
        private final PrefixDigests digests;

        Copy(byte[] content, PrefixDigests digests) {
            this.content = content;
            this.digests = digests;
        }
    }

    private final class MemoryFile implements OpenFile {
        private final FileVersion version;
        private final Copy copy;
        private boolean closed;

        MemoryFile(FileVersion version, Copy copy) {
            this.version = version;
            this.copy = copy;
        }

        @Override
        public FileVersion version() {
            return version;
        }

        @Override
        public long sizeBytes() {
            return copy.digests.sizeBytes();
        }

        @Override
        public PrefixDigests digests() {
            return copy.digests;
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            reading.before(version, position);
            int count = (int) Math.min(target.remaining(), copy.content.length - position);
            if (count <= 0) {
                return -1;
            }
            target.put(copy.content, (int) position, count);
            return count;
        }

        @Override
        public void close() {
            open.addAndGet(closed ? 0 : -1);
            closed = true;
        }
    }
}
