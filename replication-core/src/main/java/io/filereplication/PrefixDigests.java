package io.filereplication;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 of a file up to the end of each chunk: what lets a receiver check every chunk with the one hash pass that it
 * makes anyway, and a sender authenticate one without hashing. The last digest is the file's own.
 *
 * <p>A file of {@code n} bytes has {@code ceil(n / CHUNK_BYTES)} chunks; an empty file has none. Immutable; 32 bytes of heap
 * per MiB of file.
 */
public final class PrefixDigests {
    /** Bytes in a chunk, a constant of protocol version 1; only a file's last chunk is shorter. */
    public static final int CHUNK_BYTES = 1 << 20;

    private final byte[] digests;
    private final long sizeBytes;

    private PrefixDigests(byte[] digests, long sizeBytes) {
        this.digests = digests;
        this.sizeBytes = sizeBytes;
    }

    /** The digests stored as {@code ceil(sizeBytes / CHUNK_BYTES)} times 32 bytes; any other length is refused. */
    public static PrefixDigests of(byte[] digests, long sizeBytes) {
        if (sizeBytes < 0 || digests.length != chunks(sizeBytes) * Sha256.BYTES) {
            throw new IllegalArgumentException(
                    digests.length + " bytes of prefix digests do not fit a file of " + sizeBytes + " bytes");
        }
        return new PrefixDigests(digests.clone(), sizeBytes);
    }

    /** How many chunks a file of {@code sizeBytes} has. */
    public static long chunks(long sizeBytes) {
        return (sizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    /** Size of the file, bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The digest of the whole file. */
    public Sha256 whole() {
        return upTo(sizeBytes);
    }

    /** The digest of the bytes before {@code offset}, which is a multiple of the chunk or the file's size. */
    public Sha256 upTo(long offset) {
        boolean boundary = offset >= 0 && offset <= sizeBytes && (offset % CHUNK_BYTES == 0 || offset == sizeBytes);
        if (!boundary) {
            throw new IllegalArgumentException(
                    "Offset " + offset + " is no chunk boundary of a file of " + sizeBytes + " bytes");
        }
        if (offset == 0) {
            return Sha256.OF_EMPTY;
        }
        int at = Math.toIntExact((chunks(offset) - 1) * Sha256.BYTES);
        return Sha256.read(ByteBuffer.wrap(digests, at, Sha256.BYTES));
    }

    /** A copy of all digests one after another, as {@link #of} takes them. */
    public byte[] toBytes() {
        return digests.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PrefixDigests that
                && sizeBytes == that.sizeBytes
                && Arrays.equals(digests, that.digests);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digests);
    }

    @Override
    public String toString() {
        return "prefix digests of " + sizeBytes + " bytes";
    }
}
