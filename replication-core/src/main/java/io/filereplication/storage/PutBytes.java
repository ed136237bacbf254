package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.PutFile;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link PutFile} of a {@link StagingArea}. */
final class PutBytes implements PutFile {
    private static final Logger LOG = LoggerFactory.getLogger(PutBytes.class);

    private final StagingArea area;
    private final FilePath path;
    private final OwnName name;
    private final WriteHandle out;
    private final SpaceLedger.Reservation room;
    private final PrefixHasher hasher = new PrefixHasher();
    private @Nullable HashedFile finished;
    private boolean closed;

    PutBytes(StagingArea area, FilePath path, OwnName name, WriteHandle out, SpaceLedger.Reservation room) {
        this.area = area;
        this.path = path;
        this.name = name;
        this.out = out;
        this.room = room;
    }

    @Override
    public void write(ByteBuffer bytes) throws StorageException {
        if (closed || finished != null) {
            throw new IllegalStateException("The put of " + path + " is finished");
        }
        room.use(bytes.remaining());
        ByteBuffer toHash = bytes.duplicate();
        out.append(bytes);
        hasher.update(toHash);
    }

    @Override
    public HashedFile finish(Instant createdAt) throws StorageException {
        HashedFile known = finished;
        if (known != null) {
            return known;
        }
        if (closed || out.length() != hasher.position()) {
            throw new IllegalStateException("The put of " + path + " failed or was given up");
        }
        out.sync();
        out.close();
        room.close();
        PrefixDigests digests = hasher.digests();
        area.finished(name, path, digests, createdAt);
        HashedFile file = new HashedFile(path, digests.whole(), digests.sizeBytes());
        finished = file;
        return file;
    }

    @Override
    public void discard() throws StorageException {
        closed = true;
        out.close();
        room.close();
        try {
            area.drop(name);
        } finally {
            area.letGoOfPut(name);
        }
    }

    @Override
    public void close() {
        if (closed || finished != null) {
            closed = true;
            area.letGoOfPut(name);
            return;
        }
        try {
            discard();
        } catch (StorageException e) {
            area.nodeLog()
                    .failure(
                            LOG,
                            "the bytes of a put of {} that was given up could not be deleted; the next start does it",
                            path,
                            e);
        }
    }
}
