package io.filereplication.loopback;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Staged bytes in memory, of which appends can be made to fail. */
public final class MemoryStagedFile implements StagedFile {
    private final FileVersion version;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable StorageException failure;

    public MemoryStagedFile(FileVersion version, byte[] begin, int length) {
        this.version = version;
        bytes.write(begin, 0, length);
    }

    /** Every append from now on throws this. */
    public void failWith(StorageException e) {
        failure = e;
    }

    public byte[] content() {
        return bytes.toByteArray();
    }

    @Override
    public FileVersion version() {
        return version;
    }

    @Override
    public long length() {
        return bytes.size();
    }

    @Override
    public @Nullable PrefixDigests writtenDigests() {
        return null;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        int left = (int) (bytes.size() - position);
        int count = Math.min(left, target.remaining());
        if (left <= 0) {
            return -1;
        }
        target.put(bytes.toByteArray(), (int) position, count);
        return count;
    }

    @Override
    public void append(ByteBuffer more) throws StorageException {
        if (failure != null) {
            throw failure;
        }
        byte[] taken = new byte[more.remaining()];
        more.get(taken);
        bytes.writeBytes(taken);
    }

    @Override
    public void truncate(long length) {
        byte[] all = bytes.toByteArray();
        bytes.reset();
        bytes.write(all, 0, (int) length);
    }

    @Override
    public void discard() {
        bytes.reset();
    }

    @Override
    public void close() {}
}
