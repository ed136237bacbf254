package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The {@link StagedFile} of a {@link StagingArea}: bytes of a pull, or those of a put that has been registered. */
final class StagedBytes implements StagedFile {
    private final StagingArea area;
    private final FileEntry entry;
    private final OwnName own;
    private final OwnName name;
    private final WriteHandle out;
    private final SpaceLedger.Reservation room;
    private boolean closed;

    /** {@code own} is the version's name; {@code name} the same, or that of the put whose bytes these are. */
    StagedBytes(
            StagingArea area,
            FileEntry entry,
            OwnName own,
            OwnName name,
            WriteHandle out,
            SpaceLedger.Reservation room) {
        this.area = area;
        this.entry = entry;
        this.own = own;
        this.name = name;
        this.out = out;
        this.room = room;
    }

    /** Where the bytes lie. */
    OwnName name() {
        return name;
    }

    WriteHandle out() {
        return out;
    }

    @Override
    public FileVersion version() {
        return entry.version();
    }

    @Override
    public long length() {
        return out.length();
    }

    @Override
    public @Nullable PrefixDigests writtenDigests() {
        PrefixDigests digests = area.writtenDigests(name);
        return digests != null && digests.sizeBytes() == out.length() ? digests : null;
    }

    @Override
    public int read(ByteBuffer target, long position) throws StorageException {
        return out.read(target, position);
    }

    @Override
    public void append(ByteBuffer bytes) throws StorageException {
        if (bytes.remaining() > entry.sizeBytes() - out.length()) {
            throw new IllegalArgumentException(
                    bytes.remaining() + " bytes at " + out.length() + " of " + entry + " are too many");
        }
        area.changed(name);
        room.use(bytes.remaining());
        out.append(bytes);
    }

    @Override
    public void truncate(long length) throws StorageException {
        if (length != out.length()) {
            area.changed(name);
        }
        out.truncate(length);
    }

    @Override
    public void discard() throws StorageException {
        try {
            // The bytes of a put are its holder's to drop, or of a walk that knows them for leftovers.
            if (!closed && own.equals(name)) {
                area.drop(name);
            }
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        out.close();
        room.close();
        area.letGo(name);
        area.letGo(own);
    }

    boolean isClosed() {
        return closed;
    }

    /** The bytes are published: nothing of this version is staged any more. */
    void published() throws StorageException {
        area.forget(name);
        if (!own.equals(name)) {
            area.drop(own);
        }
    }

    @Override
    public String toString() {
        return "staged " + entry.version();
    }
}
