package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.time.KeyedLock;
import io.filereplication.time.Scheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The only place where a published name gets a file: one path at a time, and only after the manifest and the record have been looked
 * at with the path held.
 *
 * <p>Order of a publication: bytes fsynced, intent fsynced, rename, every directory fsynced, record. A crash between any two leaves
 * the old file or the new one under the name, and the intent tells which. At no moment is a name empty that had a file: what nothing
 * explains gets a second name in the trash first, and is renamed over like any other.
 */
final class Publisher {
    private final StorageBackend backend;
    private final RecordStore store;
    private final DigestStore digests;
    private final Intents intents;
    private final Trash trash;
    private final Claims claims;
    private final KeyedLock<FilePath> locks;
    private final Scheduler scheduler;
    private volatile boolean manifestProven;

    Publisher(
            StorageBackend backend,
            RecordStore store,
            DigestStore digests,
            Intents intents,
            Trash trash,
            Claims claims,
            KeyedLock<FilePath> locks,
            Scheduler scheduler) {
        this.backend = backend;
        this.store = store;
        this.digests = digests;
        this.intents = intents;
        this.trash = trash;
        this.claims = claims;
        this.locks = locks;
        this.scheduler = scheduler;
    }

    /** From now on what no record explains may make room. */
    void barrierPassed() {
        manifestProven = true;
    }

    /**
     * Brings each of {@code files}, of different paths, to its outcome. What is fsynced for all of them is fsynced once; their bytes are
     * fsynced at the same time, as far as there are idle workers. An interrupt ends it early and is still set on return.
     */
    void publish(List<Publishing> files, ManifestView manifest) {
        scheduler.forEach(files, Publishing::fsync);
        List<Publishing> held = new ArrayList<>(files.size());
        boolean interrupted = false;
        try {
            // In the order of their paths, so that two threads never wait for each other.
            for (Publishing file : inPathOrder(files)) {
                file.hold(locks.lock(file.path()));
                held.add(file);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        try {
            publishHeld(held, manifest);
        } finally {
            held.forEach(Publishing::letGo);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Publishing> inPathOrder(List<Publishing> files) {
        return files.stream()
                .filter(Publishing::isOpen)
                .sorted(Comparator.comparing(Publishing::path))
                .toList();
    }

    private void publishHeld(List<Publishing> files, ManifestView manifest) {
        try {
            for (Publishing file : files) {
                file.step(() -> {
                    intents.settle(file.path());
                    store.changing(file.path());
                    look(file, manifest);
                });
            }
            rename(files.stream().filter(Publishing::isOpen).toList());
        } finally {
            files.forEach(file -> store.settled(file.path()));
        }
    }

    /** What the records and the disk say of one path while it is held. */
    record Found(@Nullable KnownFile known, @Nullable FileStamp there) {
        /** Whether the record says what the file is; of no file there is nothing to say. */
        boolean isExplained() {
            return there == null || (known != null && known.stamp().equals(there));
        }
    }

    private void look(Publishing file, ManifestView manifest) throws StorageException {
        KnownFile known = store.get(file.path());
        Found found =
                new Found(known, known == null ? backend.stampBeforeCommit(file.path()) : backend.stamp(file.path()));
        Publication refused = refusal(file.entry(), found, manifest);
        if (refused == null) {
            file.found(found);
            digests.keep(file.content());
            return;
        }
        if (!(refused instanceof Publication.Postponed)) {
            file.staged().discard();
        }
        file.decided(refused);
    }

    /** Why the entry may not be published now, or null. The path is held. */
    private @Nullable Publication refusal(FileEntry entry, Found found, ManifestView manifest) {
        if (!manifest.isSettled()) {
            return new Publication.Postponed();
        }
        long applied = manifest.appliedIndex();
        FileEntry current = manifest.get(entry.path());
        Lsn version = entry.contentLsn();
        if (current == null || !current.contentLsn().equals(version)) {
            boolean newer = current != null && current.contentLsn().isAfter(version);
            // A manifest that has gone back, because the log is being replayed, will hold this version again.
            return newer || applied >= version.index() ? new Publication.Superseded() : new Publication.Postponed();
        }
        if (!found.isExplained() && !manifestProven) {
            return new Publication.Postponed();
        }
        KnownFile known = found.known();
        if (known == null || found.there() == null || version.isAfter(known.contentLsn())) {
            return null;
        }
        if (found.isExplained() && !known.isSuspect()) {
            return new Publication.AlreadyHere();
        }
        // Nothing replaces a newer version, not even when it has to be hashed first to know whether it is whole.
        return known.contentLsn().isAfter(version) ? new Publication.Postponed() : null;
    }

    /** Renames with the paths held. */
    private void rename(List<Publishing> files) {
        List<Publishing> intended = intend(files);
        List<@Nullable StorageException> failures = backend.commitAll(intended.stream()
                .map(file -> new StorageBackend.Commit(file.staged().name(), file.path()))
                .toList());
        for (int i = 0; i < intended.size(); i++) {
            Publishing file = intended.get(i);
            StorageException failure = failures.get(i);
            if (failure == null) {
                file.step(() -> renamed(file));
            } else {
                dropUnlessReplaced(file, failure);
                file.failed(failure);
            }
        }
    }

    /**
     * A second name for the file that is about to be replaced, where one is needed: of a file that nothing explains nobody knows what
     * it is, and one that is perhaps being registered has a future.
     */
    private @Nullable OwnName keepWhatIsReplaced(Publishing file) throws StorageException {
        Found found = file.found();
        if (found.there() == null) {
            return null;
        }
        KnownFile known = found.known();
        if (!found.isExplained() || known == null || claims.isClaimed(file.path())) {
            return trash.keep(file.path());
        }
        return claims.mayBeOfEarlierProcess(file.path(), known) ? trash.keepAside(file.path()) : null;
    }

    /** Says durably what is about to be renamed; answers those of which that was said. */
    private List<Publishing> intend(List<Publishing> files) {
        long last = 0;
        for (Publishing file : files) {
            long position = last;
            try {
                OwnName kept = keepWhatIsReplaced(file);
                if (kept != null) {
                    file.kept(kept);
                }
                position = store.note(
                        new Change.Intended(file.record(), file.staged().name()));
            } catch (StorageException e) {
                dropUnlessReplaced(file, e);
                file.failed(e);
            }
            last = position;
        }
        List<Publishing> noted = files.stream().filter(Publishing::isOpen).toList();
        if (noted.isEmpty()) {
            return noted;
        }
        try {
            store.sync(last);
            return noted;
        } catch (StorageException e) {
            for (Publishing file : noted) {
                dropUnlessReplaced(file, e);
                file.failed(e);
            }
            return List.of();
        }
    }

    private void renamed(Publishing file) throws StorageException {
        store.note(new Change.Recorded(file.record(), false));
        file.staged().published();
        KnownFile known = file.found().known();
        if (known == null || file.found().there() == null) {
            file.decided(new Publication.Published(null));
            return;
        }
        if (!known.sha256().equals(file.entry().sha256())) {
            digests.drop(known.sha256(), known.stamp().sizeBytes());
        }
        file.decided(new Publication.Published(known.record(file.path())));
    }

    /** What was kept of a file that still has its name is not needed: the next try would keep it again. */
    private void dropUnlessReplaced(Publishing file, StorageException failure) {
        OwnName kept = file.kept();
        if (kept == null) {
            return;
        }
        try {
            if (Objects.equals(file.found().there(), backend.stamp(file.path()))) {
                trash.drop(kept, failure);
            }
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }
}
