package io.filereplication.storage;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one version that are not published yet, named by version so that two contents never meet in one file.
 *
 * <p>Used by one thread at a time. Survives {@link #close()}, which only lets go of it, and a restart.
 */
public interface StagedFile extends AutoCloseable {
    FileVersion version();

    /** How many bytes are here now: where an append goes. Not verified, and after a crash not even meaningful. */
    long length();

    /**
     * The prefix digests of exactly the bytes that are here, when this process hashed them as they were written (a put);
     * null when they have to be hashed before anything is built on them.
     */
    @Nullable
    PrefixDigests writtenDigests();

    /** Reads up to {@code target.remaining()} bytes from {@code position}; returns how many, or -1 at the end. */
    int read(ByteBuffer target, long position) throws StorageException;

    /** Appends all remaining bytes of {@code bytes}, which are not durable before publishing. */
    void append(ByteBuffer bytes) throws StorageException;

    /**
     * Cuts the file to {@code length} bytes, at most {@link #length()}.
     *
     * @throws ResumeNotSupportedException when this storage cannot continue at {@code length}; 0 is always possible
     */
    void truncate(long length) throws StorageException;

    /** Deletes the staged bytes, unless they are those of a put, and lets go. */
    void discard() throws StorageException;

    /** Lets go and keeps the bytes for a later attempt. Idempotent. */
    @Override
    void close();
}
