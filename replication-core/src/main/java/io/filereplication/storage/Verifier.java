package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.time.KeyedLock;
import io.filereplication.time.Scheduler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds out what a published file contains: by its record and stamp where they suffice, else by hashing it. Removes nothing. */
final class Verifier {
    /** A file that was modified this recently could be modified again without its time showing it: hashing waits that long. */
    static final Duration CLOCK_TICK = Duration.ofMillis(20);

    /** Between two looks at one name another file may take it; so often in a row nobody replaces a file. */
    private static final int OPEN_ATTEMPTS = 10;

    private final StorageBackend backend;
    private final RecordStore store;
    private final DigestStore digests;
    private final Intents intents;
    private final HashedContents contents;
    private final Claims claims;
    private final KeyedLock<FilePath> locks;
    private final Scheduler scheduler;
    private final InstantSource clock;

    Verifier(
            StorageBackend backend,
            RecordStore store,
            DigestStore digests,
            Intents intents,
            HashedContents contents,
            Claims claims,
            KeyedLock<FilePath> locks,
            Scheduler scheduler,
            InstantSource clock) {
        this.backend = backend;
        this.store = store;
        this.digests = digests;
        this.intents = intents;
        this.contents = contents;
        this.claims = claims;
        this.locks = locks;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    Presence presence(FileEntry entry) throws StorageException {
        FilePath path = entry.path();
        KnownFile known = store.get(path);
        FileStamp stamp = known == null ? backend.glance(path) : backend.stamp(path);
        boolean believed = known != null && !known.isSuspect();
        if (known != null && believed && !known.stamp().equals(stamp)) {
            if (store.noteIfUnchanged(known, new Change.Recorded(known.record(path), true))) {
                // The record is another one now, and what lies there may have been hashed before.
                return presence(entry);
            }
            believed = false;
        }
        if (stamp == null || stamp.sizeBytes() != entry.sizeBytes()) {
            return Presence.ABSENT;
        }
        Sha256 content = believed && known != null ? known.sha256() : contents.recall(path, stamp);
        if (content == null) {
            return Presence.UNVERIFIED;
        }
        if (!content.equals(entry.sha256())) {
            return Presence.ABSENT;
        }
        LocalRecord record = recordOf(entry, stamp, known);
        if (known == null
                || !believed
                || !known.contentLsn().equals(record.version().contentLsn())) {
            claims.found(record.version()); // before whoever removes it can see the record
            if (!store.noteIfUnchanged(known, new Change.Recorded(record, false))) {
                // Somebody is changing the name, so what was seen may be gone in a moment: verifying waits for them.
                return Presence.UNVERIFIED;
            }
            store.writeNoted();
        }
        return Presence.HERE;
    }

    /** Looks at the disk only where a record, or what was hashed before, could say what is there. */
    boolean isHere(FileEntry entry) throws StorageException {
        boolean mayBe = store.get(entry.path()) != null || contents.isKnown(entry.path());
        return mayBe && presence(entry) == Presence.HERE;
    }

    /** A record of the entry's content; it keeps a newer version that has the same content. */
    private static LocalRecord recordOf(FileEntry entry, FileStamp stamp, @Nullable KnownFile known) {
        Lsn lsn = entry.contentLsn();
        if (known != null
                && known.sha256().equals(entry.sha256())
                && known.contentLsn().isAfter(lsn)) {
            lsn = known.contentLsn();
        }
        return new LocalRecord(new FileVersion(entry.path(), lsn), entry.sha256(), stamp);
    }

    Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException {
        FilePath path = entry.path();
        FileStamp stamp;
        PrefixDigests found;
        try (ReadHandle in = openAsItLooks(path)) {
            if (in == null || in.stamp().sizeBytes() != entry.sizeBytes()) {
                return presence(entry);
            }
            stamp = in.stamp();
            found = hash(path, in, bytesPerSecond);
        } catch (StorageException e) {
            if (!(e instanceof StorageInterruptedException)) {
                rememberUnreadable(path);
            }
            throw e;
        }
        try (KeyedLock.Held held = locks.lock(path)) {
            intents.settle(path);
            if (!stamp.equals(backend.stamp(path)) || found.sizeBytes() != stamp.sizeBytes()) {
                return presence(entry);
            }
            return conclude(entry, stamp, found);
        }
    }

    /** Records what hashing has found, with the path held. */
    private Presence conclude(FileEntry entry, FileStamp stamp, PrefixDigests found) throws StorageException {
        FilePath path = entry.path();
        KnownFile known = store.get(path);
        Sha256 content = found.whole();
        if (content.equals(entry.sha256())) {
            if (known == null || !known.stamp().equals(stamp)) {
                backend.sync(path);
            }
            digests.keep(found);
            LocalRecord record = recordOf(entry, stamp, known);
            claims.found(record.version());
            store.write(new Change.Recorded(record, false));
            contents.forget(path);
            return Presence.HERE;
        }
        contents.found(path, content, stamp);
        if (known != null) {
            boolean rotten = !content.equals(known.sha256());
            LocalRecord record = known.record(path);
            if (rotten) {
                digests.drop(known.sha256(), entry.sizeBytes());
            } else {
                record = new LocalRecord(record.version(), record.sha256(), stamp);
            }
            store.sync(new Change.Recorded(record, rotten));
        }
        return Presence.ABSENT;
    }

    HashedFile hashInPlace(FilePath path) throws StorageException, InterruptedException {
        FileStamp stamp;
        PrefixDigests found;
        try (ReadHandle in = openAsItLooks(path)) {
            if (in == null) {
                throw new StorageException("There is no file " + path);
            }
            stamp = in.stamp();
            found = hash(path, in, 0);
        }
        backend.sync(path);
        try (KeyedLock.Held held = locks.lock(path)) {
            if (found.sizeBytes() != stamp.sizeBytes() || !stamp.equals(backend.stamp(path))) {
                throw new StorageException("File " + path + " changed while it was hashed");
            }
            digests.keep(found);
            contents.found(path, found.whole(), stamp);
            // With the path held: an older version that is removed or replaced at this moment may have the same bytes.
            claims.claim(path);
        }
        return new HashedFile(path, found.whole(), found.sizeBytes());
    }

    /** Opens the file whose stamp the handle shows: not the one that had the name a moment before. */
    private @Nullable ReadHandle openAsItLooks(FilePath path) throws StorageException {
        for (int i = 0; i < OPEN_ATTEMPTS; i++) {
            FileStamp before = backend.stamp(path);
            ReadHandle in = backend.open(path);
            if (in == null || in.stamp().equals(before)) {
                return in;
            }
            in.close();
        }
        throw new StorageException("File " + path + " is replaced again and again");
    }

    private PrefixDigests hash(FilePath path, ReadHandle in, long bytesPerSecond)
            throws StorageException, InterruptedException {
        long age = clock.millis() - TimeUnit.NANOSECONDS.toMillis(in.stamp().modifiedNanos());
        if (age >= 0 && age < CLOCK_TICK.toMillis()) {
            scheduler.sleep(CLOCK_TICK);
        }
        PrefixHasher hasher = new PrefixHasher();
        int room =
                (int) Math.max(1, Math.min(PrefixDigests.CHUNK_BYTES, in.stamp().sizeBytes()));
        ByteBuffer buffer = ByteBuffer.allocate(room);
        long began = scheduler.nanoTime();
        while (read(path, in, buffer, hasher.position()) >= 0) {
            hasher.update(buffer.flip());
            buffer.clear();
            if (Thread.interrupted()) {
                throw interrupted(path);
            }
            if (bytesPerSecond > 0) {
                pace(hasher.position(), bytesPerSecond, began);
            }
            if (hasher.position() > in.stamp().sizeBytes()) {
                break;
            }
        }
        return hasher.digests();
    }

    /** An interrupt is not an unreadable file. */
    private static int read(FilePath path, ReadHandle in, ByteBuffer buffer, long position)
            throws StorageException, InterruptedException {
        try {
            return in.read(buffer, position);
        } catch (StorageInterruptedException e) {
            Thread.interrupted();
            throw interrupted(path);
        }
    }

    private static InterruptedException interrupted(FilePath path) {
        return new InterruptedException("Hashing " + path + " was interrupted");
    }

    private void pace(long bytes, long bytesPerSecond, long began) throws InterruptedException {
        double due = (double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1);
        long early = (long) due - (scheduler.nanoTime() - began);
        if (early > 0) {
            scheduler.sleep(Duration.ofNanos(early));
        }
    }

    private void rememberUnreadable(FilePath path) {
        try {
            FileStamp stamp = backend.stamp(path);
            if (stamp != null) {
                contents.foundUnreadable(path, stamp);
            }
        } catch (StorageException e) {
            // Then not even its stamp can be read, and whoever asks for the file finds that out as well.
        }
    }

    /** Whether the file could not be read when it was to be hashed last, and looks as it did then. */
    boolean isUnreadable(FilePath path) throws StorageException {
        return contents.isUnreadable(path, backend.stamp(path));
    }

    /**
     * The record of {@code version} is not believed any more, nor that its content was hashed before. That something else was
     * found, or nothing, is no news to whoever doubts it, and stands.
     */
    void suspect(FileVersion version) throws StorageException {
        FilePath path = version.path();
        KnownFile known = store.get(path);
        if (known != null && known.contentLsn().equals(version.contentLsn())) {
            contents.doubt(path, known.sha256());
            digests.drop(known.sha256(), known.stamp().sizeBytes());
            if (store.noteIfUnchanged(known, new Change.Recorded(known.record(path), true))) {
                store.syncNoted();
            }
        }
    }
}
