package io.filereplication.client;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.log.NodeLog;
import io.filereplication.manifest.BatchResult;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationResult;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.Opening;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's files as seen from one node: put, register, delete, list, read, wait.
 *
 * <p>Works on any node, whichever leads. Reads of {@link #stat}, {@link #list} and {@link #open} are of this node's manifest
 * and disk, which may be behind; {@link #statLinearizable} asks the leader.
 *
 * <p><b>Durability:</b> when a put returns, the file is registered in the log of a majority and <em>one</em> copy of its bytes is
 * durable, here. The other members pull it afterwards; until one of them has, this node's disk is the only one that holds it.
 *
 * <p><b>Threads:</b> thread-safe. Asynchronous forms run on workers of this object and complete there. Failures: {@link
 * RegistrationRefusedException} when the manifest says no, {@link ManifestClientException} when it could not be asked ({@link
 * OutcomeUnknownException} when it was asked and did not answer), {@link StorageException} for this node's disk.
 */
public final class FileReplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileReplication.class);

    private final LocalNode node;
    private final ManifestClient client;
    private final NodeLog log;
    /** Ends what is under way. */
    private final Set<Runnable> underWay = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    /** Files of {@code node}, proposed through {@code client}, which is closed with this. */
    public FileReplication(LocalNode node, ManifestClient client) {
        this.node = node;
        this.client = client;
        this.log = NodeLog.of(node.self(), node.manifest().group(), node.scheduler());
    }

    /**
     * Copies {@code source} into the cluster as {@code path}, replacing what is registered there. Readers of an older
     * version see that until Raft has accepted the new one. Blocks until the file is registered and published here.
     */
    public FileEntry put(FilePath path, Path source, Attributes attributes)
            throws IOException, StorageException, InterruptedException {
        Put put = newPut(path, attributes);
        begin(put, () -> stage(put, source));
        return get(put.done());
    }

    /** The same with the bytes of a channel, which is read to its end and not closed. */
    public FileEntry put(FilePath path, ReadableByteChannel source, Attributes attributes)
            throws IOException, StorageException, InterruptedException {
        Put put = newPut(path, attributes);
        begin(put, () -> put.stage(source, 0));
        return get(put.done());
    }

    /** The same as {@link #put(FilePath, Path, Attributes)} on a worker. */
    public CompletableFuture<FileEntry> putAsync(FilePath path, Path source, Attributes attributes) {
        Put put = newPut(path, attributes);
        execute(put.done(), () -> begin(put, () -> stage(put, source)));
        return put.done();
    }

    /** Runs {@code task} on a worker; {@code future} fails when there are too many tasks already. */
    private void execute(CompletableFuture<?> future, Runnable task) {
        try {
            node.scheduler().execute(task);
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(e);
        }
    }

    /** Stages and proposes; whatever fails ends the put's future. */
    private static void begin(Put put, Staging staging) {
        if (put.done().isDone()) {
            // This node's files were closed before it began.
            return;
        }
        try {
            staging.stage();
            put.propose();
        } catch (IOException | StorageException | RuntimeException e) {
            put.done().completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            put.done().completeExceptionally(e);
        }
    }

    /** Brings a put's bytes to this node's disk. */
    @FunctionalInterface
    private interface Staging {
        void stage() throws IOException, StorageException;
    }

    private Put newPut(FilePath path, Attributes attributes) {
        Put put = new Put(node, client, log, path, attributes);
        track(path.toString(), put.done());
        return put;
    }

    /** Whatever happens to this node, {@code future} ends. */
    private void track(String what, CompletableFuture<?> future) {
        Runnable end = () -> future.completeExceptionally(new NodeClosedException(what));
        underWay.add(end);
        var unused = future.whenComplete((entry, failure) -> underWay.remove(end));
        if (closed) {
            // Perhaps too late for close() to see it.
            end.run();
        }
    }

    private static void stage(Put put, Path source) throws IOException, StorageException {
        try (FileChannel channel = FileChannel.open(source, StandardOpenOption.READ)) {
            put.stage(channel, channel.size());
        }
    }

    /**
     * Registers the file that already lies at {@code path} below the storage root: it is hashed, refused if it changes
     * meanwhile, fsynced and then proposed. Its bytes must not be changed in place afterwards.
     */
    public CompletableFuture<FileEntry> registerAsync(FilePath path, Attributes attributes) {
        return register(path, attributes, false);
    }

    /**
     * Registers every file that already lies below the storage root, under a path that begins with {@code prefix}, and is not
     * registered yet; what is registered, here or by another node meanwhile, is left alone. A few at a time, so it takes as
     * long as hashing takes. Whoever was interrupted calls it again: what was registered before is not hashed again.
     *
     * <p>Memory in proportion to the number of files that are not registered, about 200 bytes each.
     */
    public CompletableFuture<TreeRegistration.Summary> registerTreeAsync(String prefix, Attributes attributes) {
        TreeRegistration tree =
                new TreeRegistration(node.scheduler(), node.manifest(), path -> register(path, attributes, true));
        track("a tree below '" + prefix + "'", tree.done());
        execute(tree.done(), () -> {
            try {
                List<FilePath> found = new ArrayList<>();
                node.files().unrecorded(prefix, found::add);
                tree.begin(found);
            } catch (StorageException | RuntimeException e) {
                tree.done().completeExceptionally(e);
            }
        });
        return tree.done();
    }

    private CompletableFuture<FileEntry> register(FilePath path, Attributes attributes, boolean onlyIfAbsent) {
        CompletableFuture<FileEntry> done = new CompletableFuture<>();
        track(path.toString(), done);
        execute(done, () -> {
            try {
                HashedFile file = node.files().hashInPlace(path);
                Operation.Content content = new Operation.Content(
                        path,
                        file.sha256(),
                        file.sizeBytes(),
                        node.self(),
                        node.clock().instant(),
                        attributes);
                Operation register = onlyIfAbsent ? Operation.registerIfAbsent(content) : Operation.register(content);
                CompletableFuture<FileEntry> outcome =
                        submitted(register).thenCompose(result -> registered(file, attributes, result));
                var unused = outcome.whenComplete((entry, failure) -> {
                    registrationOver(path, failure);
                    complete(done, entry, failure);
                });
            } catch (StorageException | RuntimeException e) {
                done.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private CompletableFuture<OperationResult> submitted(Operation operation) throws InterruptedException {
        try {
            return client.submitWhenRoom(operation);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * The file was hashed where it lies, and until now it was left alone. Unless it is certain what became of its registration, it
     * still is, for as long as that may come.
     */
    private void registrationOver(FilePath path, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        boolean certain = cause == null
                || cause instanceof RegistrationRefusedException
                || cause instanceof NotProposedException
                || cause instanceof ProposalRefusedException
                || cause instanceof TooManyPendingException;
        if (certain) {
            node.files().registrationOver(path);
        } else {
            node.whenProposalsAreDecided(() -> node.files().registrationOver(path));
        }
    }

    private CompletableFuture<FileEntry> registered(HashedFile file, Attributes attributes, OperationResult result) {
        FilePath path = file.path();
        Lsn version = result.contentLsn();
        if (!result.status().isAccepted() || version == null) {
            return CompletableFuture.failedFuture(new RegistrationRefusedException(path, result.status()));
        }
        CompletableFuture<FileEntry> here = node.puller().awaitLocal(path, version);
        FileEntry known = node.manifest().get(path);
        if (known != null && known.contentLsn().equals(version)) {
            // Content that was registered before is not announced again.
            node.puller().enqueue(known);
        }
        node.endWhenReplaced(
                new FileEntry(
                        path,
                        file.sha256(),
                        file.sizeBytes(),
                        node.self(),
                        node.clock().instant(),
                        attributes,
                        version,
                        version),
                here);
        return here;
    }

    private static <T> void complete(CompletableFuture<T> future, @Nullable T value, @Nullable Throwable failure) {
        if (value != null) {
            future.complete(value);
        } else {
            future.completeExceptionally(failure == null ? new IllegalStateException("no answer") : failure);
        }
    }

    /**
     * Deletes the file of {@code path} on every node. Completes with whether there was one.
     *
     * @param reason for people who read logs
     */
    public CompletableFuture<Boolean> deleteAsync(FilePath path, String reason) {
        return client.submit(Operation.delete(path, reason)).thenCompose(result -> {
            if (!result.status().isAccepted()) {
                return CompletableFuture.failedFuture(new RegistrationRefusedException(path, result.status()));
            }
            return CompletableFuture.completedFuture(result.status() == OperationStatus.DELETED);
        });
    }

    /** Many operations, all or nothing; a refusal is in the result. */
    public CompletableFuture<BatchResult> batch(List<Operation> operations) {
        return client.submit(operations);
    }

    /** What this node's manifest has for {@code path}, or null. */
    public @Nullable FileEntry stat(FilePath path) {
        return node.manifest().get(path);
    }

    /** Entries of this node's manifest whose paths begin with {@code prefix}, behind {@code after} (null: from the first). */
    public List<FileEntry> list(String prefix, @Nullable FilePath after, int limit) {
        return node.manifest().page(prefix, after, limit);
    }

    /**
     * Opens this node's copy of {@code path} for reading; it keeps showing the version that was opened until it is closed.
     *
     * @throws FileNotRegisteredException when the manifest has no such file
     * @throws FileNotLocalException when the bytes are not here yet
     */
    public OpenFile open(FilePath path) throws IOException, StorageException {
        FileEntry entry = node.manifest().get(path);
        if (entry == null) {
            throw new FileNotRegisteredException(path);
        }
        Opening opening = node.files().open(entry);
        if (opening instanceof Opening.Opened opened) {
            return opened.file();
        }
        boolean unverified =
                opening instanceof Opening.NotReady && node.puller().verifySoon(entry);
        throw new FileNotLocalException(
                entry.version(), unverified ? "its bytes are being verified" : "its bytes are not here yet");
    }

    /**
     * Completes when a verified copy of {@code path} is on this node's disk, at once when it is; fails with {@link
     * java.util.concurrent.TimeoutException} after {@code timeout}.
     */
    public CompletableFuture<FileEntry> awaitLocal(FilePath path, Duration timeout) {
        FileEntry registered = node.manifest().get(path);
        Lsn atLeast = registered == null ? new Lsn(0, 0) : registered.contentLsn();
        return node.puller().awaitLocal(path, atLeast).orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What {@link #verify} found. */
    public enum Verified {
        /** The copy here is the registered content. */
        WHOLE,
        /** There is no file, or still that of another version; it is being pulled. */
        MISSING,
        /** The file here is not what is registered, however it came to that, or cannot be read; it is being pulled again. */
        DAMAGED,
        /** There is no whole copy, and the node's filter wants none. */
        UNWANTED,
        /** The entry is not what the manifest holds any more. */
        REPLACED
    }

    /**
     * Hashes this node's copy of {@code entry} and has it pulled when it is not whole; {@link #awaitLocal} tells when that is done.
     * Blocks while it reads, at most {@code bytesPerSecond} (0: as fast as the disk). Nothing is removed.
     */
    public Verified verify(FileEntry entry, long bytesPerSecond) throws InterruptedException {
        boolean recorded = node.files().records(entry.version());
        LocalRecord record = node.files().record(entry.path());
        boolean isOther = record != null && !record.version().equals(entry.version());
        boolean isThere = true;
        boolean whole;
        try {
            whole = node.files().verify(entry, bytesPerSecond) == LocalFiles.Presence.HERE;
            isThere = whole || node.files().exists(entry.path());
        } catch (StorageException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("Verifying " + entry.version() + " was interrupted");
            }
            log.failure(LOG, "{} could not be read, so it is pulled again", entry.version(), e);
            whole = false;
        }
        FileEntry now = node.manifest().get(entry.path());
        if (now == null || !now.version().equals(entry.version())) {
            return Verified.REPLACED;
        }
        if (whole) {
            return Verified.WHOLE;
        }
        if (recorded) {
            doubt(entry);
        }
        if (!node.puller().wants(entry)) {
            return Verified.UNWANTED;
        }
        node.puller().enqueue(entry);
        return isThere && !isOther ? Verified.DAMAGED : Verified.MISSING;
    }

    /**
     * Hands over the files below the storage root whose paths begin with {@code prefix} and that nobody has registered, in no order:
     * they are left alone. Links, and names that no registered file can have, are passed over. Walks the disk, and keeps none of them.
     */
    public void unregistered(String prefix, Consumer<FilePath> each) throws StorageException {
        node.files().unrecorded(prefix, path -> {
            if (node.manifest().get(path) == null) {
                each.accept(path);
            }
        });
    }

    private void doubt(FileEntry entry) {
        try {
            node.files().suspect(entry.version());
        } catch (StorageException e) {
            log.failure(LOG, "{} could not be marked as doubtful; a later walk looks again", entry.version(), e);
        }
    }

    /** What the manifest has for {@code path} after everything that was committed before this call, asked of the leader. */
    public CompletableFuture<@Nullable FileEntry> statLinearizable(FilePath path) {
        return client.find(path)
                .thenApply(answer ->
                        answer.entries().isEmpty() ? null : answer.entries().get(0));
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException, StorageException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof StorageException failure) {
                throw failure;
            }
            if (e.getCause() instanceof InterruptedException failure) {
                throw failure;
            }
            throw new IOException("The file could not be put", e.getCause());
        }
    }

    /** How many puts and registrations of this node have not ended. */
    public int underWay() {
        return underWay.size();
    }

    /** Ends what is under way: unanswered calls fail, staged bytes stay for the next start. Idempotent. */
    @Override
    public void close() {
        closed = true;
        client.close();
        node.scheduler().close();
        underWay.forEach(Runnable::run);
    }
}
