package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles.StagedFilter;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes that are not published yet: of pulls, named by version, and of puts, named by a number. The records say what the name of a pull
 * of several chunks stands for, a description beside it that of a put; what nothing speaks for is of no use and is deleted at the start.
 */
final class StagingArea {
    private static final Logger LOG = LoggerFactory.getLogger(StagingArea.class);
    private static final int NAME_BYTES = 16;

    private final StorageBackend backend;
    private final RecordStore store;
    private final FinishedPuts puts;
    private final SpaceLedger space;
    private final DigestStore digests;
    private final Trash trash;
    private final NodeId self;
    private final int maxPuts;
    private final Set<OwnName> inUse = ConcurrentHashMap.newKeySet();
    /** Puts that somebody still holds: nobody else decides about their bytes, which may be the only ones. */
    private final Set<OwnName> heldPuts = ConcurrentHashMap.newKeySet();

    private final Map<OwnName, PrefixDigests> written = new ConcurrentHashMap<>();
    /**
     * Versions of one chunk at most whose bytes are staged. Nothing of them is worth resuming in the next process, which finds no
     * record of them and deletes them.
     */
    private final Map<OwnName, FileVersion> small = new ConcurrentHashMap<>();

    StagingArea(
            StorageBackend backend,
            RecordStore store,
            FinishedPuts puts,
            DigestStore digests,
            Trash trash,
            NodeId self,
            int maxPuts) {
        this.backend = backend;
        this.store = store;
        this.puts = puts;
        this.space = new SpaceLedger(backend);
        this.digests = digests;
        this.trash = trash;
        this.self = self;
        this.maxPuts = maxPuts;
    }

    /** Makes disk and records agree after a crash: a name without a record is deleted, a record without a file forgotten. */
    void recover() throws StorageException {
        Set<OwnName> there = new HashSet<>();
        for (String text : backend.ownNames(Area.STAGED)) {
            OwnName name = new OwnName(Area.STAGED, text);
            if (store.knows(name)) {
                there.add(name);
            } else {
                backend.deleteOwn(name);
            }
        }
        for (Change.Staged staged : store.staged()) {
            if (!there.contains(staged.name())) {
                store.note(new Change.Dropped(staged.name()));
            }
        }
        puts.recover();
    }

    NodeLog nodeLog() {
        return store.nodeLog();
    }

    /** A version's name: two versions never share one, and a path of any length fits. */
    static OwnName nameOf(FileVersion version) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(version.path().toUtf8());
        ByteBuffer lsn = ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES);
        lsn.put((byte) 0)
                .putLong(version.contentLsn().index())
                .putInt(version.contentLsn().ordinal());
        digest.update(lsn.flip());
        return new OwnName(Area.STAGED, HexFormat.of().formatHex(digest.digest(), 0, NAME_BYTES));
    }

    StagedBytes stage(FileEntry entry) throws StorageException {
        OwnName own = nameOf(entry.version());
        if (!inUse.add(own)) {
            throw new StorageException("The staged bytes of " + entry.version() + " are in use");
        }
        StagedBytes staged = null;
        try {
            OwnName put = entry.originNodeId().equals(self) ? takePut(entry) : null;
            staged = put == null ? openStaged(own, entry) : openPut(own, put, entry);
            return staged;
        } finally {
            if (staged == null) {
                inUse.remove(own);
            }
        }
    }

    private StagedBytes openStaged(OwnName own, FileEntry entry) throws StorageException {
        if (entry.sizeBytes() <= PrefixDigests.CHUNK_BYTES) {
            small.put(own, entry.version());
        } else if (!store.knows(own)) {
            store.write(new Change.Staged(own, entry.version()));
        }
        StagedBytes staged = open(own, own, entry);
        boolean filled = false;
        try {
            fillFromHere(entry, staged);
            filled = true;
        } finally {
            if (!filled) {
                staged.close();
            }
        }
        return staged;
    }

    private StagedBytes openPut(OwnName own, OwnName put, FileEntry entry) throws StorageException {
        StagedBytes staged = null;
        try {
            staged = open(own, put, entry);
            return staged;
        } finally {
            if (staged == null) {
                inUse.remove(put);
            }
        }
    }

    private StagedBytes open(OwnName own, OwnName name, FileEntry entry) throws StorageException {
        WriteHandle out = backend.write(name);
        StagedBytes staged = null;
        try {
            if (out.length() > entry.sizeBytes()) {
                out.truncate(0);
            }
            SpaceLedger.Reservation room = space.reserve(entry.sizeBytes() - out.length());
            staged = new StagedBytes(this, entry, own, name, out, room);
            return staged;
        } finally {
            if (staged == null) {
                out.close();
            }
        }
    }

    /**
     * The finished put that {@code entry} is the registration of, taken into use; or null. Another put's bytes are not given to it,
     * whatever they contain: their own registration may be still to come, and they the only ones. They are copied.
     */
    private @Nullable OwnName takePut(FileEntry entry) {
        List<OwnName> found = puts.registeredBy(entry);
        // Of several, nothing says whose registration this is.
        if (found.size() == 1 && inUse.add(found.get(0))) {
            if (puts.get(found.get(0)) != null) {
                return found.get(0);
            }
            inUse.remove(found.get(0));
        }
        return null;
    }

    /**
     * Completes the staged bytes when this node has the entry's content under another name: as a put with the same content that
     * belongs to another registration, or as a file that was registered where it lies and had to make room, before its
     * registration was applied, for the version before it. Nobody else may have the latter.
     */
    private void fillFromHere(FileEntry entry, StagedBytes staged) throws StorageException {
        if (staged.length() >= entry.sizeBytes()) {
            return;
        }
        for (OwnName put : puts.of(entry)) {
            if (copy(put, entry, staged)) {
                return;
            }
        }
        for (Trash.Displaced displaced : trash.displaced(entry.path())) {
            if (entry.sha256().equals(contentOf(displaced, entry.sizeBytes()))
                    && copy(displaced.name(), entry, staged)) {
                return;
            }
        }
    }

    /** What is in the file; null when it has another size than {@code sizeBytes}, or cannot be read. */
    private @Nullable Sha256 contentOf(Trash.Displaced displaced, long sizeBytes) throws StorageException {
        if (displaced.content() == null) {
            PrefixDigests found = read(displaced.name(), sizeBytes, bytes -> {});
            if (found != null) {
                displaced.contains(found.whole());
            }
        }
        return displaced.content();
    }

    /** Whether {@code from} is the entry's content, and is copied. */
    private boolean copy(OwnName from, FileEntry entry, StagedBytes staged) throws StorageException {
        if (staged.length() > 0) {
            // What an earlier copying left, or a peer has sent, is given up for nothing less than the whole.
            PrefixDigests found = read(from, entry.sizeBytes(), bytes -> {});
            if (found == null || !found.whole().equals(entry.sha256())) {
                return false;
            }
            staged.truncate(0);
        }
        PrefixDigests copied = read(from, entry.sizeBytes(), staged::append);
        if (copied == null || !copied.whole().equals(entry.sha256())) {
            staged.truncate(0);
            return false;
        }
        written.put(staged.name(), copied);
        return true;
    }

    /** Takes the bytes of a file. */
    private interface Sink {
        void take(ByteBuffer bytes) throws StorageException;
    }

    /** Reads all of {@code name}, which has {@code sizeBytes}; null when it has not, or cannot be read: then a peer may have it. */
    private @Nullable PrefixDigests read(OwnName name, long sizeBytes, Sink sink) throws StorageException {
        PrefixHasher hasher = new PrefixHasher();
        try (ReadHandle in = backend.openOwn(name)) {
            if (in == null || in.stamp().sizeBytes() != sizeBytes) {
                return null;
            }
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(PrefixDigests.CHUNK_BYTES, sizeBytes));
            while (hasher.position() < sizeBytes && in.read(buffer.clear(), hasher.position()) > 0) {
                sink.take(buffer.flip().duplicate());
                hasher.update(buffer);
            }
        } catch (StorageFullException | StorageInterruptedException e) {
            throw e;
        } catch (StorageException e) {
            nodeLog().failure(LOG, "{} could not be copied", name, e);
        }
        return hasher.position() == sizeBytes ? hasher.digests() : null;
    }

    /** Opens the bytes of a finished put with the entry's content, or null. */
    @Nullable
    ReadHandle openPutFor(FileEntry entry) throws StorageException {
        for (OwnName put : puts.of(entry)) {
            ReadHandle in = backend.openOwn(put);
            if (in != null) {
                return in;
            }
        }
        return null;
    }

    PutBytes beginPut(FilePath path, long sizeHint) throws StorageException {
        OwnName name = hold();
        SpaceLedger.Reservation room = null;
        PutBytes put = null;
        try {
            room = space.reserve(sizeHint);
            put = new PutBytes(this, path, name, backend.write(name), room);
            return put;
        } finally {
            if (put == null) {
                heldPuts.remove(name);
                if (room != null) {
                    room.close();
                }
            }
        }
    }

    private OwnName hold() throws TooManyPutsException {
        synchronized (heldPuts) {
            if (heldPuts.size() >= maxPuts) {
                throw new TooManyPutsException(maxPuts);
            }
            OwnName name = puts.newName();
            heldPuts.add(name);
            return name;
        }
    }

    /** The whole bytes of a put are durable: on return so are their name and what they are. */
    void finished(OwnName name, FilePath path, PrefixDigests found, Instant createdAt) throws StorageException {
        digests.keep(found);
        puts.finish(name, new PutContent(path, found.whole(), found.sizeBytes(), createdAt.toEpochMilli()));
        written.put(name, found);
    }

    @Nullable
    PrefixDigests writtenDigests(OwnName name) {
        return written.get(name);
    }

    /** The bytes under {@code name} are not the ones that were hashed any more. */
    void changed(OwnName name) {
        written.remove(name);
    }

    /** The file under {@code name} is gone: renamed or deleted. */
    void forget(OwnName name) throws StorageException {
        written.remove(name);
        if (name.area() == Area.PUTS) {
            puts.forget(name);
        } else if (small.remove(name) == null && store.knows(name)) {
            store.note(new Change.Dropped(name));
        }
    }

    void drop(OwnName name) throws StorageException {
        backend.deleteOwn(name);
        forget(name);
    }

    /** The put's holder is done with it, whatever became of its bytes. */
    void letGoOfPut(OwnName name) {
        heldPuts.remove(name);
    }

    void letGo(OwnName name) {
        inUse.remove(name);
    }

    /** Drops what {@code wanted} refuses; no put while those of the process before may be {@code undecided}. */
    void dropStaged(StagedFilter wanted, boolean undecided) throws StorageException {
        Map<OwnName, FileVersion> versions = new HashMap<>(small);
        store.staged().forEach(staged -> versions.put(staged.name(), staged.version()));
        for (Map.Entry<OwnName, FileVersion> staged : versions.entrySet()) {
            if (!wanted.keepVersion(staged.getValue())) {
                dropUnused(staged.getKey());
            }
        }
        for (OwnName name : undecided ? Set.<OwnName>of() : puts.names()) {
            PutContent put = puts.get(name);
            if (put != null && !heldPuts.contains(name) && !wanted.keepPut(put.path(), put.sha256())) {
                dropUnused(name);
            }
        }
    }

    private void dropUnused(OwnName name) throws StorageException {
        if (inUse.add(name)) {
            try {
                drop(name);
            } finally {
                inUse.remove(name);
            }
        }
    }
}
