package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.time.KeyedLock;
import io.filereplication.time.Scheduler;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link LocalFiles} that keep a durable record of each file in an append-only log beside the files; a {@link StorageBackend} holds
 * the bytes of both.
 *
 * <p>Thread-safe; many threads may publish at once and share the fsync of the log. A publication costs one fsync of the file, one of the
 * log and one of each directory that changed; files that are published together share the latter two. A crash at any point, of the process or of the power, leaves whole registered versions
 * under the published names and loses nothing that was said to be durable.
 */
public final class RecordedFiles implements LocalFiles {
    private final StorageBackend backend;
    private final RecordStore store;
    private final DigestStore digests;
    private final Claims claims;
    private final Verifier verifier;
    private final StagingArea staging;
    private final Publisher publisher;
    private final Remover remover;
    private final Trash trash;
    private final Memos memos;

    private RecordedFiles(
            StorageBackend backend,
            RecordStore store,
            FinishedPuts puts,
            NodeId self,
            KeyedLock<FilePath> locks,
            Scheduler scheduler,
            InstantSource clock,
            int maxPuts)
            throws StorageException {
        Intents intents = new Intents(backend, store, puts);
        this.backend = backend;
        this.store = store;
        this.digests = new DigestStore(backend);
        this.trash = new Trash(backend, clock);
        this.memos = Memos.open(backend);
        this.claims = new Claims();
        HashedContents contents = new HashedContents();
        this.verifier = new Verifier(backend, store, digests, intents, contents, claims, locks, scheduler, clock);
        this.staging = new StagingArea(backend, store, puts, digests, trash, self, maxPuts);
        this.publisher = new Publisher(backend, store, digests, intents, trash, claims, locks, scheduler);
        this.remover = new Remover(backend, store, digests, intents, trash, claims, locks);
        intents.settleAll();
        staging.recover();
        dropStrayDigests(puts.contents());
        trash.purge(path -> true);
    }

    /**
     * Opens the files of {@code group} in {@code backend}, which is closed with them. Blocks while the records are read, about a
     * second for a million; hashes nothing. Renames that a crash interrupted are settled, and leftovers deleted.
     *
     * @param self this node: what it put itself and then registered is published from the put's own bytes
     * @param locks held per path, across I/O, while a name changes
     * @param scheduler paces verification and runs the compaction of the records
     * @param clock the wall clock that says how long a file has been in the trash
     * @throws StorageException also when the records are those of another group or of a newer build; {@code backend} stays open
     */
    public static RecordedFiles open(
            StorageBackend backend,
            GroupId group,
            NodeId self,
            KeyedLock<FilePath> locks,
            Scheduler scheduler,
            InstantSource clock)
            throws StorageException {
        return open(backend, group, self, locks, scheduler, clock, DEFAULT_MAX_PUTS);
    }

    /**
     * The same with a bound of its own.
     *
     * @param maxPuts how many puts may be under way at once, at least 1
     */
    public static RecordedFiles open(
            StorageBackend backend,
            GroupId group,
            NodeId self,
            KeyedLock<FilePath> locks,
            Scheduler scheduler,
            InstantSource clock,
            int maxPuts)
            throws StorageException {
        if (maxPuts < 1) {
            throw new IllegalArgumentException("maxPuts is " + maxPuts + ", which lets nothing be put");
        }
        NodeLog log = NodeLog.of(self, group, scheduler);
        RecordStore store = RecordStore.open(backend, group, scheduler, log);
        RecordedFiles files = null;
        try {
            files = new RecordedFiles(
                    backend, store, new FinishedPuts(backend, group, log), self, locks, scheduler, clock, maxPuts);
            return files;
        } finally {
            if (files == null) {
                store.close();
            }
        }
    }

    private void dropStrayDigests(Set<Sha256> wanted) throws StorageException {
        if (backend.ownNames(StorageBackend.Area.DIGESTS).isEmpty()) {
            return;
        }
        for (KnownFile file : store.files().values()) {
            if (file.stamp().sizeBytes() > PrefixDigests.CHUNK_BYTES) {
                wanted.add(file.sha256());
            }
        }
        digests.keepOnly(wanted);
    }

    @Override
    public @Nullable LocalRecord record(FilePath path) {
        return store.record(path);
    }

    @Override
    public boolean records(FileVersion version) {
        KnownFile known = store.get(version.path());
        return known != null && !known.isSuspect() && known.contentLsn().equals(version.contentLsn());
    }

    @Override
    public Presence presence(FileEntry entry) throws StorageException {
        return verifier.presence(entry);
    }

    @Override
    public boolean exists(FilePath path) throws StorageException {
        return backend.stamp(path) != null;
    }

    @Override
    public boolean isHere(FileEntry entry) throws StorageException {
        return verifier.isHere(entry);
    }

    @Override
    public Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException {
        return verifier.verify(entry, bytesPerSecond);
    }

    @Override
    public StagedFile stage(FileEntry entry) throws StorageException {
        return staging.stage(entry);
    }

    @Override
    public Publication publish(StagedFile staged, PrefixDigests found, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException {
        Outcome outcome =
                publishAll(List.of(new Whole(staged, found, entry)), manifest).get(0);
        if (outcome instanceof Outcome.Decided decided) {
            return decided.publication();
        }
        if (outcome instanceof Outcome.Failed failed) {
            throw failed.reason();
        }
        Thread.interrupted();
        throw new InterruptedException("Interrupted before " + entry.version() + " was published");
    }

    @Override
    public List<Outcome> publishAll(List<Whole> files, ManifestView manifest) {
        List<Publishing> publishing = new ArrayList<>(files.size());
        try {
            if (files.stream().map(file -> file.entry().path()).distinct().count() < files.size()) {
                throw new IllegalArgumentException("Two versions of one path cannot be published together: " + files);
            }
            for (Whole file : files) {
                publishing.add(new Publishing(bytesOf(file), file.digests(), file.entry()));
            }
            publisher.publish(publishing, manifest);
            return publishing.stream().map(Publishing::outcome).toList();
        } finally {
            files.forEach(file -> file.staged().close());
        }
    }

    private static StagedBytes bytesOf(Whole file) {
        StagedFile staged = file.staged();
        if (!(staged instanceof StagedBytes bytes) || bytes.isClosed()) {
            throw new IllegalArgumentException(staged + " is not open here");
        }
        boolean whole = staged.version().equals(file.entry().version())
                && staged.length() == file.entry().sizeBytes()
                && file.digests().sizeBytes() == file.entry().sizeBytes()
                && file.digests().whole().equals(file.entry().sha256());
        if (!whole) {
            throw new IllegalArgumentException(staged + " with " + staged.length() + " bytes and digest "
                    + file.digests().whole() + " is not " + file.entry());
        }
        return bytes;
    }

    @Override
    public void barrierPassed(long appliedIndex) {
        publisher.barrierPassed();
        claims.barrierPassed(appliedIndex);
    }

    @Override
    public void earlierProposalsOver() {
        claims.earlierProposalsOver();
        trash.purgeNext();
    }

    @Override
    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException {
        return remover.remove(path, before, disposal, manifest);
    }

    @Override
    public List<LocalRecord> page(@Nullable FilePath after, int limit) {
        return store.page(after, limit);
    }

    @Override
    public Opening open(FileEntry entry) throws StorageException {
        // The record is read before the file is opened: a stamp that fits it then is that of the opened file.
        KnownFile known = store.get(entry.path());
        if (known != null && !known.isSuspect() && known.sha256().equals(entry.sha256())) {
            OpenBytes opened = openVerified(entry, backend.openIfStill(entry.path(), known.stamp()));
            if (opened != null) {
                return new Opening.Opened(opened);
            }
        }
        OpenBytes put = openVerified(entry, staging.openPutFor(entry));
        if (put != null) {
            return new Opening.Opened(put);
        }
        boolean absent = presence(entry) == Presence.ABSENT || verifier.isUnreadable(entry.path());
        return absent ? new Opening.NotHere() : new Opening.NotReady();
    }

    private @Nullable OpenBytes openVerified(FileEntry entry, @Nullable ReadHandle in) throws StorageException {
        OpenBytes opened = null;
        try {
            boolean fits = in != null && in.stamp().sizeBytes() == entry.sizeBytes();
            PrefixDigests prefixes = fits ? digests.find(entry.sha256(), entry.sizeBytes()) : null;
            if (in != null && prefixes != null) {
                opened = new OpenBytes(entry.version(), in, prefixes);
            }
            return opened;
        } finally {
            if (in != null && opened == null) {
                in.close();
            }
        }
    }

    @Override
    public void suspect(FileVersion version) throws StorageException {
        verifier.suspect(version);
    }

    @Override
    public PutFile beginPut(FilePath path, long sizeHint) throws StorageException {
        return staging.beginPut(path, sizeHint);
    }

    @Override
    public HashedFile hashInPlace(FilePath path) throws StorageException, InterruptedException {
        return verifier.hashInPlace(path);
    }

    @Override
    public void registrationOver(FilePath path) {
        claims.release(path);
    }

    /** {@inheritDoc} Also empties the trash of what has been there for 24 hours. */
    @Override
    public void dropStaged(StagedFilter wanted) throws StorageException {
        boolean undecided = claims.mayEarlierProposalsCome();
        staging.dropStaged(wanted, undecided);
        trash.purge(path -> undecided || wanted.keepDisplaced(path));
    }

    @Override
    public @Nullable String memo(Memo what) {
        return memos.get(what);
    }

    @Override
    public void keepMemo(Memo what, String text) throws StorageException {
        memos.keep(what, text);
    }

    @Override
    public void unrecorded(String prefix, Consumer<FilePath> each) throws StorageException {
        backend.list(prefix, path -> {
            if (store.get(path) == null) {
                each.accept(path);
            }
        });
    }

    @Override
    public void close() {
        store.close();
        backend.close();
    }

    @Override
    public String toString() {
        return "files in " + backend;
    }

    /** An open file whose content is known. */
    private record OpenBytes(FileVersion version, ReadHandle in, PrefixDigests digests) implements OpenFile {
        @Override
        public long sizeBytes() {
            return digests.sizeBytes();
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            return in.read(target, position);
        }

        @Override
        public void close() {
            in.close();
        }
    }
}
