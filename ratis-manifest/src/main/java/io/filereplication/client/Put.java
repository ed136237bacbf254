package io.filereplication.client;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.log.NodeLog;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationResult;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.PutFile;
import io.filereplication.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file on its way into the cluster: staged and hashed, proposed, and, once its registration is applied here, published
 * by the puller like any other file. Until then its {@link PutFile} stays open, so that nobody takes its bytes, which may be the
 * only ones, for leftovers; after a refusal they are dropped.
 *
 * <pre>
 *   stage ──▶ propose ──▶ accepted ──▶ published here, or superseded ──▶ done
 *                │           refused ──▶ bytes dropped ──▶ failed
 *                └────────── unknown ──▶ failed; bytes kept until a later barrier shows what became of it
 * </pre>
 */
final class Put {
    private static final Logger LOG = LoggerFactory.getLogger(Put.class);
    private static final int COPY_BYTES = 1 << 20;
    private static final int LEAST_COPY_BYTES = 8 * 1024;

    private final LocalNode node;
    private final ManifestClient client;
    private final NodeLog log;
    private final FilePath path;
    private final Attributes attributes;
    private final CompletableFuture<FileEntry> done = new CompletableFuture<>();
    private @Nullable PutFile staged;
    private @Nullable HashedFile content;
    /** Said in the registration and beside the bytes: by that they are told from others of the same content. */
    private Instant createdAt = Instant.EPOCH;

    Put(LocalNode node, ManifestClient client, NodeLog log, FilePath path, Attributes attributes) {
        this.node = node;
        this.client = client;
        this.log = log;
        this.path = path;
        this.attributes = attributes;
    }

    /** Completes when the file is registered and published here, or fails. */
    CompletableFuture<FileEntry> done() {
        return done;
    }

    /** Copies {@code source}, hashing it on the way, and makes it durable under a name of our own. Blocks. */
    void stage(ReadableByteChannel source, long sizeHint) throws IOException, StorageException {
        PutFile file = node.files().beginPut(path, sizeHint);
        boolean whole = false;
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(copyBytes(sizeHint));
            while (source.read(buffer) >= 0) {
                if (!buffer.hasRemaining()) {
                    file.write(buffer.flip());
                    buffer.clear();
                }
            }
            file.write(buffer.flip());
            createdAt = node.clock().instant();
            content = file.finish(createdAt);
            staged = file;
            whole = true;
        } finally {
            if (!whole) {
                file.close();
            }
        }
    }

    /**
     * How much is copied at a time. A buffer of a megabyte is zeroed and made of new pages, which takes a tenth of the time of a small
     * put. The source may have grown since it was sized.
     */
    static int copyBytes(long sizeHint) {
        return sizeHint > 0 ? (int) Math.min(Math.max(sizeHint, LEAST_COPY_BYTES), COPY_BYTES) : COPY_BYTES;
    }

    /** Registers what was staged. Does not block; blocks briefly while the client has no room. */
    void propose() throws InterruptedException {
        HashedFile file = Objects.requireNonNull(content, "not staged");
        Operation register = Operation.register(
                new Operation.Content(path, file.sha256(), file.sizeBytes(), node.self(), createdAt, attributes));
        boolean proposed = false;
        try {
            var unused = client.submitWhenRoom(register).whenComplete(this::answered);
            proposed = true;
        } finally {
            if (!proposed) {
                drop();
            }
        }
    }

    private void answered(@Nullable OperationResult result, @Nullable Throwable failure) {
        if (result != null && result.status().isAccepted()) {
            accepted(result, Objects.requireNonNull(result.contentLsn(), "an accepted registration has a version"));
        } else if (result != null) {
            refused(new RegistrationRefusedException(path, result.status()));
        } else {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof OutcomeUnknownException) {
                node.whenProposalsAreDecided(this::settle);
                done.completeExceptionally(cause);
            } else {
                refused(cause);
            }
        }
    }

    private void refused(@Nullable Throwable why) {
        node.scheduler().executeSoon(() -> {
            drop();
            done.completeExceptionally(why);
        });
    }

    private void accepted(OperationResult result, Lsn version) {
        CompletableFuture<FileEntry> here = node.puller().awaitLocal(path, version);
        var unused = here.whenComplete(this::end);
        FileEntry registered = node.manifest().get(path);
        if (!result.status().changesContent() && registered != null) {
            // The content was registered before, so nobody hears of it again; if it is missing here, these bytes are
            // it.
            node.puller().enqueue(registered);
        }
        HashedFile file = Objects.requireNonNull(content, "not staged");
        node.endWhenReplaced(
                new FileEntry(
                        path, file.sha256(), file.sizeBytes(), node.self(), createdAt, attributes, version, version),
                here);
    }

    private void end(@Nullable FileEntry entry, @Nullable Throwable closed) {
        if (entry != null) {
            node.scheduler().executeSoon(() -> {
                drop();
                done.complete(entry);
            });
        } else {
            // The registration stands, and nobody will say when it is published: too many wait for that. Or the node is
            // closing, and the bytes wait for the next start.
            node.afterBarrier(this::settle);
            done.completeExceptionally(closed);
        }
    }

    /** The manifest shows what became of the proposal. */
    private void settle() {
        HashedFile file = Objects.requireNonNull(content, "not staged");
        FileEntry registered = node.manifest().get(path);
        if (registered != null && registered.sha256().equals(file.sha256())) {
            // It was registered: the puller publishes it from these bytes, if it has not done so.
            node.puller().enqueue(registered);
            Objects.requireNonNull(staged, "not staged").close();
        } else {
            node.scheduler().executeSoon(this::drop);
        }
    }

    /** What is left of the staged bytes goes; when they were published nothing is. */
    private void drop() {
        PutFile file = Objects.requireNonNull(staged, "not staged");
        try {
            file.discard();
        } catch (StorageException e) {
            log.failure(LOG, "the staged bytes of a put of {} could not be deleted; a later walk does it", path, e);
        } finally {
            file.close();
        }
    }
}
