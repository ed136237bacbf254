package io.filereplication;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A running SHA-256 over a file from its first byte that keeps the digest at each chunk boundary: one pass yields the whole
 * digest and the {@link PrefixDigests}.
 *
 * <p>Not thread-safe; a hasher belongs to the one pull, put or verification that feeds it.
 */
public final class PrefixHasher {
    private final MessageDigest running = Sha256.newDigest();
    private final ByteArrayOutputStream boundaries = new ByteArrayOutputStream();
    private long position;
    /** The digest up to {@link #position}, once it was asked for: it is, several times in a row. */
    private @Nullable Sha256 soFar = Sha256.OF_EMPTY;

    /** Takes the remaining bytes of {@code bytes}, whose position moves to its limit. */
    public void update(ByteBuffer bytes) {
        int limit = bytes.limit();
        while (bytes.position() < limit) {
            int room = PrefixDigests.CHUNK_BYTES - (int) (position % PrefixDigests.CHUNK_BYTES);
            int take = Math.min(room, limit - bytes.position());
            bytes.limit(bytes.position() + take);
            running.update(bytes);
            soFar = null;
            bytes.limit(limit);
            position += take;
            if (take == room) {
                boundaries.writeBytes(digestSoFar().toBytes());
            }
        }
    }

    /** How many bytes have been taken. */
    public long position() {
        return position;
    }

    /** The digest of all bytes taken so far; more may follow. */
    public Sha256 digestSoFar() {
        Sha256 known = soFar == null ? digest() : soFar;
        soFar = known;
        return known;
    }

    private Sha256 digest() {
        try {
            MessageDigest copy = (MessageDigest) running.clone();
            byte[] digest = new byte[Sha256.BYTES];
            copy.digest(digest, 0, digest.length);
            return Sha256.of(digest);
        } catch (CloneNotSupportedException | DigestException e) {
            throw new IllegalStateException("The JDK's SHA-256 can be cloned", e);
        }
    }

    /** The prefix digests of a file that ends here. */
    public PrefixDigests digests() {
        byte[] known = boundaries.toByteArray();
        if (position % PrefixDigests.CHUNK_BYTES == 0) {
            return PrefixDigests.of(known, position);
        }
        ByteBuffer all = ByteBuffer.allocate(known.length + Sha256.BYTES).put(known);
        digestSoFar().write(all);
        return PrefixDigests.of(all.array(), position);
    }
}
