package io.filereplication.loopback;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;

/** Contents and the entries that register them. */
public final class SampleFiles {
    private SampleFiles() {}

    /** The same bytes for the same seed. */
    public static byte[] content(long seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    public static PrefixHasher hasher(byte[] content, int length) {
        PrefixHasher hasher = new PrefixHasher();
        hasher.update(ByteBuffer.wrap(content, 0, length));
        return hasher;
    }

    public static PrefixDigests digests(byte[] content) {
        return hasher(content, content.length).digests();
    }

    /** {@code content} registered at {@code path} by the log entry {@code index}. */
    public static FileEntry entry(String path, long index, NodeId origin, byte[] content) {
        Lsn lsn = new Lsn(index, 0);
        Sha256 sha256 = digests(content).whole();
        return new FileEntry(
                FilePath.of(path), sha256, content.length, origin, Instant.EPOCH, Attributes.NONE, lsn, lsn);
    }
}
