package io.filereplication.storage;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.testing.MapManifest;
import io.filereplication.time.KeyedLock;
import io.filereplication.time.Scheduler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;

/** What the tests of local files have in common: a manifest to set, time that stands still, entries and their bytes. */
final class Fixture {
    static final GroupId GROUP = GroupId.of("11111111-2222-3333-4444-555555555555");
    static final NodeId SELF = NodeId.of("self");
    static final NodeId OTHER = NodeId.of("other");
    /** When every entry and every put was created, unless a test says otherwise. */
    static final Instant CREATED = Instant.EPOCH;

    final MapManifest manifest = new MapManifest();
    final TestScheduler scheduler = new TestScheduler();
    long wallMillis = 1_700_000_000_000L;
    /** For a test that is interrupted: whether it came so far. */
    boolean putFinished;

    /** Opens the local files in {@code backend}, long after any other process had them. */
    RecordedFiles open(StorageBackend backend) throws StorageException {
        RecordedFiles files = openAfterAnother(backend);
        files.earlierProposalsOver();
        return files;
    }

    /** The same by a process that takes the place of another, of which a registration may be under way. */
    RecordedFiles openAfterAnother(StorageBackend backend) throws StorageException {
        InstantSource clock = () -> Instant.ofEpochMilli(wallMillis);
        return RecordedFiles.open(backend, GROUP, SELF, new PathLocks(), scheduler, clock);
    }

    /** Somebody deletes the records; nothing else. */
    static void loseRecords(StorageBackend backend) throws StorageException {
        for (String name : backend.ownNames(StorageBackend.Area.RECORDS)) {
            backend.deleteOwn(new StorageBackend.OwnName(StorageBackend.Area.RECORDS, name));
        }
        backend.syncNames(StorageBackend.Area.RECORDS);
    }

    static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static PrefixDigests digests(byte[] content) {
        PrefixHasher hasher = new PrefixHasher();
        hasher.update(ByteBuffer.wrap(content));
        return hasher.digests();
    }

    static FileEntry entry(String path, byte[] content, long index, NodeId origin) {
        return entry(path, content, index, origin, CREATED);
    }

    static FileEntry entry(String path, byte[] content, long index, NodeId origin, Instant createdAt) {
        Lsn lsn = new Lsn(index, 0);
        Sha256 sha256 = digests(content).whole();
        return new FileEntry(FilePath.of(path), sha256, content.length, origin, createdAt, Attributes.NONE, lsn, lsn);
    }

    static FileEntry entry(String path, byte[] content, long index) {
        return entry(path, content, index, OTHER);
    }

    /** Registers, stages and publishes. */
    Publication pull(LocalFiles files, FileEntry entry, byte[] content) throws Exception {
        manifest.register(entry);
        return publish(files, entry, content);
    }

    /** Stages and publishes. */
    Publication publish(LocalFiles files, FileEntry entry, byte[] content) throws Exception {
        StagedFile staged = files.stage(entry);
        try (staged) {
            staged.truncate(0);
            staged.append(ByteBuffer.wrap(content));
            return files.publish(staged, digests(content), entry, manifest);
        }
    }

    /** Stages and publishes several together, each with the bytes at its place. */
    List<LocalFiles.Outcome> publishAll(LocalFiles files, List<FileEntry> entries, List<byte[]> contents)
            throws StorageException {
        List<LocalFiles.Whole> whole = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            StagedFile staged = files.stage(entries.get(i));
            staged.truncate(0);
            staged.append(ByteBuffer.wrap(contents.get(i)));
            whole.add(new LocalFiles.Whole(staged, digests(contents.get(i)), entries.get(i)));
        }
        return files.publishAll(whole, manifest);
    }

    static byte[] read(OpenFile file) throws StorageException {
        ByteBuffer buffer = ByteBuffer.allocate((int) file.sizeBytes());
        int read = 0;
        while (buffer.hasRemaining() && read >= 0) {
            read = file.read(buffer, buffer.position());
        }
        return buffer.array();
    }

    /** Runs what is to run at once, and sleeps by moving the time. */
    static class TestScheduler implements Scheduler {
        private long now;
        private long slept;

        @Override
        public synchronized long nanoTime() {
            return now;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            throw new UnsupportedOperationException("Storage has no timers");
        }

        @Override
        public synchronized void sleep(Duration duration) {
            now += duration.toNanos();
            slept += duration.toNanos();
        }

        synchronized Duration slept() {
            return Duration.ofNanos(slept);
        }

        @Override
        public void close() {}
    }

    /** Locks that block, one for each path that was ever held. */
    static final class PathLocks implements KeyedLock<FilePath> {
        private final Map<FilePath, ReentrantLock> locks = new HashMap<>();

        @Override
        public Held lock(FilePath key) throws InterruptedException {
            ReentrantLock lock;
            synchronized (locks) {
                lock = locks.computeIfAbsent(key, path -> new ReentrantLock());
            }
            lock.lockInterruptibly();
            return () -> {
                if (lock.isHeldByCurrentThread()) {
                    lock.unlock();
                }
            };
        }
    }
}
