package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.time.KeyedLock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The only place where a published name changes: one path at a time, and only after the manifest and the record have been looked at
 * with the path held.
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
    private final KeyedLock<FilePath> locks;
    private volatile boolean manifestProven;

    Publisher(
            StorageBackend backend,
            RecordStore store,
            DigestStore digests,
            Intents intents,
            Trash trash,
            KeyedLock<FilePath> locks) {
        this.backend = backend;
        this.store = store;
        this.digests = digests;
        this.intents = intents;
        this.trash = trash;
        this.locks = locks;
    }

    /** From now on what no record explains may make room. */
    void barrierPassed() {
        manifestProven = true;
    }

    Publication publish(StagedBytes staged, PrefixDigests content, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException {
        staged.out().sync();
        FileStamp stamp = staged.out().stamp();
        try (KeyedLock.Held held = locks.lock(entry.path())) {
            intents.settle(entry.path());
            store.changing(entry.path());
            try {
                return publishHeld(staged, stamp, content, entry, manifest);
            } finally {
                store.settled(entry.path());
            }
        }
    }

    /** What the records and the disk say of one path while it is held. */
    private record Found(@Nullable KnownFile known, @Nullable FileStamp there) {
        /** Whether the record says what the file is; of no file there is nothing to say. */
        boolean isExplained() {
            return there == null || (known != null && known.stamp().equals(there));
        }
    }

    private Publication publishHeld(
            StagedBytes staged, FileStamp stamp, PrefixDigests content, FileEntry entry, ManifestView manifest)
            throws StorageException {
        Found found = new Found(store.get(entry.path()), backend.stamp(entry.path()));
        Publication refused = refusal(entry, found, manifest);
        if (refused == null) {
            digests.keep(content);
            return new Publication.Published(rename(staged, stamp, entry, found));
        }
        if (!(refused instanceof Publication.Postponed)) {
            staged.discard();
        }
        return refused;
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

    /** Renames with the path held; returns what was replaced. */
    private @Nullable LocalRecord rename(StagedBytes staged, FileStamp stamp, FileEntry entry, Found found)
            throws StorageException {
        FilePath path = entry.path();
        LocalRecord record = new LocalRecord(entry.version(), entry.sha256(), stamp);
        // Nothing says what an unexplained file is: it is replaced, but not destroyed.
        OwnName kept = found.isExplained() ? null : trash.keep(path);
        try {
            store.sync(new Change.Intended(record, staged.name()));
            backend.commit(staged.name(), path);
        } catch (StorageException e) {
            dropUnlessReplaced(kept, path, found, e);
            throw e;
        }
        store.note(new Change.Recorded(record, false));
        staged.published();
        KnownFile known = found.known();
        if (known == null || found.there() == null) {
            return null;
        }
        if (!known.sha256().equals(entry.sha256())) {
            digests.drop(known.sha256(), known.stamp().sizeBytes());
        }
        return known.record(path);
    }

    /** What was kept of a file that still has its name is not needed: the next try would keep it again. */
    private void dropUnlessReplaced(
            @Nullable OwnName kept, FilePath path, Found found, StorageException failure) {
        if (kept == null) {
            return;
        }
        try {
            if (Objects.equals(found.there(), backend.stamp(path))) {
                trash.drop(kept, failure);
            }
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }

    Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException {
        try (KeyedLock.Held held = locks.lock(path)) {
            intents.settle(path);
            store.changing(path);
            try {
                return removeHeld(path, before, disposal, manifest);
            } finally {
                store.settled(path);
            }
        }
    }

    private Removal removeHeld(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException {
        KnownFile known = store.get(path);
        if (known == null) {
            return Removal.NOTHING_HERE;
        }
        if (!manifest.isSettled()) {
            return Removal.POSTPONED;
        }
        long applied = manifest.appliedIndex();
        FileEntry current = manifest.get(path);
        if (!before.isAfter(known.contentLsn()) || current != null) {
            // Of a path that is registered again, what replaces this copy is renamed over it; until then it may be the
            // last.
            return Removal.STILL_WANTED;
        }
        if (applied < known.contentLsn().index()) {
            return Removal.POSTPONED;
        }
        return removeKnown(path, known, disposal);
    }

    private Removal removeKnown(FilePath path, KnownFile known, Disposal disposal) throws StorageException {
        FileStamp there = backend.stamp(path);
        if (there != null && !there.equals(known.stamp())) {
            return Removal.NOT_OURS;
        }
        if (there != null && disposal == Disposal.TRASH) {
            trash.take(path);
        } else if (there != null) {
            backend.delete(path);
        }
        store.note(new Change.Forgotten(path));
        digests.drop(known.sha256(), known.stamp().sizeBytes());
        return there == null ? Removal.NOTHING_HERE : Removal.REMOVED;
    }
}
