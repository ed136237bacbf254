package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that were removed, or were in the way of a registered one, and are kept for a while. Each lies under a name that begins with the time it came, in milliseconds; beside it, with
 * {@code .path} behind the name, a text file says where it was.
 */
final class Trash {
    /** How long a file is kept. */
    static final Duration KEPT = Duration.ofHours(24);

    private static final String PATH_SUFFIX = ".path";

    private final StorageBackend backend;
    private final InstantSource clock;
    private final AtomicLong next = new AtomicLong();

    Trash(StorageBackend backend, InstantSource clock) throws StorageException {
        this.backend = backend;
        this.clock = clock;
        next.set(backend.ownNames(Area.TRASH).size());
    }

    /** Moves the published file there. Durable on return. */
    void take(FilePath path) throws StorageException {
        OwnName name = freeName();
        note(name, path);
        backend.withdraw(path, name);
    }

    /**
     * Keeps the published file for when another takes its name; until then it stays where it is. Durable on return.
     *
     * @return what {@link #drop} needs when nothing takes the name after all
     */
    OwnName keep(FilePath path) throws StorageException {
        OwnName name = freeName();
        try {
            note(name, path);
            backend.preserve(path, name);
            return name;
        } catch (StorageException e) {
            // Whether it is there or not, the file still has its published name; what is tried again adds nothing.
            drop(name, e);
            throw e;
        }
    }

    /** Forgets what {@link #keep} kept, after {@code failure}. */
    void drop(OwnName kept, StorageException failure) {
        try {
            backend.deleteOwn(kept);
            backend.deleteOwn(noteOf(kept));
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }

    private OwnName freeName() {
        return new OwnName(Area.TRASH, String.format("%013d-%08d", clock.millis(), next.getAndIncrement()));
    }

    private static OwnName noteOf(OwnName name) {
        return new OwnName(Area.TRASH, name.name() + PATH_SUFFIX);
    }

    private void note(OwnName name, FilePath path) throws StorageException {
        try (WriteHandle note = backend.write(noteOf(name))) {
            note.truncate(0);
            note.append(ByteBuffer.wrap(path.toUtf8()));
            note.sync();
        }
    }

    /** Deletes what has been kept long enough; returns how many files that were. */
    int purge() throws StorageException {
        long before = clock.millis() - KEPT.toMillis();
        int purged = 0;
        for (String name : backend.ownNames(Area.TRASH)) {
            int dash = name.indexOf('-');
            boolean ours =
                    dash > 0 && dash <= 18 && name.substring(0, dash).chars().allMatch(c -> c >= '0' && c <= '9');
            if (ours && Long.parseLong(name.substring(0, dash)) <= before) {
                backend.deleteOwn(new OwnName(Area.TRASH, name));
                purged += name.endsWith(PATH_SUFFIX) ? 0 : 1;
            }
        }
        return purged;
    }
}
