package io.filereplication.storage;

import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Prefix digests kept beside the files, one own file per content, named by its digest. A file of at most one chunk needs none: its
 * digest is all there is.
 *
 * <pre>
 *   0        magic "FRPREFIX"          8 bytes
 *   8        format version            int, 1
 *  12        size of the file          long
 *  20        digests                   32 bytes for each chunk
 *  20 + 32n  CRC32C of all before      int
 * </pre>
 * Not fsynced: one that is torn or stale fails its checksum, or does not end in the file's digest, and is rebuilt.
 */
final class DigestStore {
    private static final long MAGIC = 0x4652505245464958L;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 20;

    /** How much is kept in memory of what was read last, bytes; the very last is kept whatever its size. */
    private static final long MAX_READ_LAST_BYTES = 4 << 20;

    private final StorageBackend backend;
    /** What was read last, in that order: a large file is asked for in many ranges. Guarded by itself. */
    private final Map<Sha256, PrefixDigests> readLast = new LinkedHashMap<>(16, 0.75f, true);

    private long readLastBytes;

    DigestStore(StorageBackend backend) {
        this.backend = backend;
    }

    private static OwnName nameOf(Sha256 sha256) {
        return new OwnName(Area.DIGESTS, sha256.hex());
    }

    /** The prefix digests of the file with this digest and size, or null when they have to be rebuilt. */
    @Nullable
    PrefixDigests find(Sha256 sha256, long sizeBytes) throws StorageException {
        if (sizeBytes == 0) {
            return PrefixDigests.of(new byte[0], 0);
        }
        if (sizeBytes <= PrefixDigests.CHUNK_BYTES) {
            return PrefixDigests.of(sha256.toBytes(), sizeBytes);
        }
        PrefixDigests known = readLast(sha256);
        if (known != null) {
            return known.sizeBytes() == sizeBytes ? known : null;
        }
        PrefixDigests read = read(sha256, sizeBytes);
        if (read != null) {
            remember(sha256, read);
        }
        return read;
    }

    private @Nullable PrefixDigests read(Sha256 sha256, long sizeBytes) throws StorageException {
        long length = HEADER_BYTES + PrefixDigests.chunks(sizeBytes) * Sha256.BYTES + Integer.BYTES;
        try (ReadHandle in = backend.openOwn(nameOf(sha256))) {
            if (in == null || in.stamp().sizeBytes() != length) {
                return null;
            }
            ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(length));
            while (file.hasRemaining()) {
                if (in.read(file, file.position()) < 0) {
                    return null;
                }
            }
            return parse(file.array(), sha256, sizeBytes);
        }
    }

    private static @Nullable PrefixDigests parse(byte[] bytes, Sha256 sha256, long sizeBytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        int end = bytes.length - Integer.BYTES;
        boolean intact = file.getLong() == MAGIC
                && file.getInt() == VERSION
                && file.getLong() == sizeBytes
                && file.getInt(end) == crc(bytes, end);
        if (!intact) {
            return null;
        }
        PrefixDigests digests = PrefixDigests.of(Arrays.copyOfRange(bytes, HEADER_BYTES, end), sizeBytes);
        return digests.whole().equals(sha256) ? digests : null;
    }

    private @Nullable PrefixDigests readLast(Sha256 sha256) {
        synchronized (readLast) {
            return readLast.get(sha256);
        }
    }

    private void remember(Sha256 sha256, PrefixDigests digests) {
        synchronized (readLast) {
            forget(sha256);
            readLast.put(sha256, digests);
            readLastBytes += bytesOf(digests);
            Iterator<PrefixDigests> oldest = readLast.values().iterator();
            while (readLastBytes > MAX_READ_LAST_BYTES && readLast.size() > 1) {
                readLastBytes -= bytesOf(oldest.next());
                oldest.remove();
            }
        }
    }

    private void forget(Sha256 sha256) {
        synchronized (readLast) {
            PrefixDigests known = readLast.remove(sha256);
            readLastBytes -= known == null ? 0 : bytesOf(known);
        }
    }

    private static long bytesOf(PrefixDigests digests) {
        return PrefixDigests.chunks(digests.sizeBytes()) * Sha256.BYTES;
    }

    /** Keeps {@code digests} for when they are asked for. */
    void keep(PrefixDigests digests) throws StorageException {
        if (digests.sizeBytes() <= PrefixDigests.CHUNK_BYTES) {
            return;
        }
        byte[] bytes = digests.toBytes();
        ByteBuffer file = ByteBuffer.allocate(HEADER_BYTES + bytes.length + Integer.BYTES);
        file.putLong(MAGIC).putInt(VERSION).putLong(digests.sizeBytes()).put(bytes);
        file.putInt(crc(file.array(), file.position())).flip();
        forget(digests.whole());
        try (WriteHandle out = backend.write(nameOf(digests.whole()))) {
            out.truncate(0);
            out.append(file);
        }
    }

    /** Forgets the digests of this content. Another file with the same content has its own rebuilt. */
    void drop(Sha256 sha256, long sizeBytes) throws StorageException {
        if (sizeBytes > PrefixDigests.CHUNK_BYTES) {
            forget(sha256);
            backend.deleteOwn(nameOf(sha256));
        }
    }

    /** Deletes what belongs to none of {@code wanted}, the digests of files larger than a chunk. */
    void keepOnly(Set<Sha256> wanted) throws StorageException {
        Set<String> names = wanted.stream().map(Sha256::hex).collect(Collectors.toSet());
        for (String name : backend.ownNames(Area.DIGESTS)) {
            if (!names.contains(name)) {
                backend.deleteOwn(new OwnName(Area.DIGESTS, name));
            }
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
