package io.filereplication.storage;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import java.nio.ByteBuffer;

/**
 * A verified version open for reading. It keeps showing that version while it is open, even when the path is replaced or
 * removed meanwhile. Reads are positional and thread-safe.
 */
public interface OpenFile extends AutoCloseable {
    FileVersion version();

    long sizeBytes();

    /** The digests with which chunks are authenticated; they end in the manifest's digest. */
    PrefixDigests digests();

    /** Reads up to {@code target.remaining()} bytes at {@code position}; -1 at the end, which before {@link #sizeBytes()} means the file was truncated. */
    int read(ByteBuffer target, long position) throws StorageException;

    /** Lets go. Idempotent. */
    @Override
    void close();
}
