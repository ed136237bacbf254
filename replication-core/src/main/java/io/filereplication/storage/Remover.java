package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.time.KeyedLock;
import org.jspecify.annotations.Nullable;

/**
 * The only place where a published name loses its file: after the manifest, the record and the file have been looked at with the
 * path held.
 */
final class Remover {
    private final StorageBackend backend;
    private final RecordStore store;
    private final DigestStore digests;
    private final Intents intents;
    private final Trash trash;
    private final Claims claims;
    private final KeyedLock<FilePath> locks;

    Remover(
            StorageBackend backend,
            RecordStore store,
            DigestStore digests,
            Intents intents,
            Trash trash,
            Claims claims,
            KeyedLock<FilePath> locks) {
        this.backend = backend;
        this.store = store;
        this.digests = digests;
        this.intents = intents;
        this.trash = trash;
        this.claims = claims;
        this.locks = locks;
    }

    /** {@link LocalFiles#remove}. */
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
        if (!manifest.isSettled() || claims.isClaimed(path)) {
            return Removal.POSTPONED;
        }
        long applied = manifest.appliedIndex();
        if (!before.isAfter(known.contentLsn()) || isStillWanted(known, before, disposal, manifest.get(path))) {
            return Removal.STILL_WANTED;
        }
        if (applied < known.contentLsn().index()) {
            return Removal.POSTPONED;
        }
        return removeKnown(path, known, disposal);
    }

    /**
     * Of a path that is registered again, what replaces this copy is renamed over it; until then it may be the last. Unless
     * nothing will ever replace it.
     */
    private static boolean isStillWanted(
            KnownFile known, Lsn before, Disposal disposal, @Nullable FileEntry registered) {
        if (registered == null) {
            return false;
        }
        boolean leftBehind = disposal == Disposal.LEFT_BEHIND
                && registered.contentLsn().equals(before)
                && !registered.sha256().equals(known.sha256());
        return !leftBehind;
    }

    private Removal removeKnown(FilePath path, KnownFile known, Disposal disposal) throws StorageException {
        FileStamp there = backend.stamp(path);
        boolean isOurs = there != null && there.equals(known.stamp());
        Removal removed = isOurs ? dispose(path, known, disposal) : Removal.NOT_OURS;
        // What else lies there is nobody's from now on: the record says nothing of it.
        store.note(new Change.Forgotten(path));
        digests.drop(known.sha256(), known.stamp().sizeBytes());
        return there == null ? Removal.NOTHING_HERE : removed;
    }

    private Removal dispose(FilePath path, KnownFile known, Disposal disposal) throws StorageException {
        boolean mayBeRegistered = claims.mayBeOfEarlierProcess(path, known);
        if (disposal == Disposal.DELETE && !mayBeRegistered) {
            backend.delete(path);
            return Removal.DELETED;
        }
        switch (disposal) {
            case DELETE -> trash.takeAside(path);
            case TRASH -> {
                if (mayBeRegistered) {
                    trash.takeDisplacedForPeople(path);
                } else {
                    trash.take(path);
                }
            }
            case LEFT_BEHIND -> trash.takeDisplaced(path);
        }
        return Removal.MOVED;
    }
}
