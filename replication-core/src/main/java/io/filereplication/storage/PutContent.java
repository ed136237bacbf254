package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageBackend.OwnName;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a finished put are. It lies in a small file beside them, because nothing else says it once the records are lost,
 * and the bytes may be the only ones of a registered file.
 *
 * <pre>
 *   0  magic "FRPUTDES"        8 bytes
 *   8  format version          int, 1
 *  12  group                   two longs
 *  28  when it was created     long, milliseconds since 1970
 *  36  size of the file        long
 *  44  SHA-256 of the file     32 bytes
 *  76  path                    length (unsigned short), UTF-8
 *  ..  CRC32C of all before    int
 * </pre>
 * All numbers are big-endian.
 *
 * @param path where it is to be published
 * @param sha256 digest of the bytes
 * @param sizeBytes how many there are
 * @param createdAtMillis the time of creation that its registration has, and none before it of the same content
 */
record PutContent(FilePath path, Sha256 sha256, long sizeBytes, long createdAtMillis) {
    static final int VERSION = 1;
    /** Most bytes that a description has. */
    static final int MAX_BYTES = 4_096;

    private static final long MAGIC = 0x4652505554444553L;
    private static final int FIXED_BYTES = 8 + 4 + 16 + 8 + 8 + Sha256.BYTES + Short.BYTES + Integer.BYTES;
    private static final int CRC_BYTES = Integer.BYTES;

    /** Whether this has the content that {@code entry} registers, whoever registered it. */
    boolean isOf(FileEntry entry) {
        return path.equals(entry.path()) && sha256.equals(entry.sha256()) && sizeBytes == entry.sizeBytes();
    }

    /** Whether the registration of this made {@code entry}, which is of this node: not another one of the same content. */
    boolean isRegisteredBy(FileEntry entry) {
        return isOf(entry) && createdAtMillis == entry.createdAt().toEpochMilli();
    }

    byte[] toBytes(GroupId group) {
        byte[] utf8 = path.toUtf8();
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + utf8.length);
        out.putLong(MAGIC).putInt(VERSION);
        out.putLong(group.value().getMostSignificantBits())
                .putLong(group.value().getLeastSignificantBits());
        out.putLong(createdAtMillis).putLong(sizeBytes);
        sha256.write(out);
        out.putShort((short) utf8.length).put(utf8);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /**
     * The description in {@code bytes}, the whole file named {@code name}, or null when it is torn or damaged: then the put was never
     * finished, or nothing can say what it is.
     *
     * @throws StorageException when it is another group's, or in a format that this build does not know
     */
    static @Nullable PutContent parse(byte[] bytes, GroupId group, OwnName name) throws StorageException {
        int end = bytes.length - CRC_BYTES;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < FIXED_BYTES || in.getInt(end) != crc(bytes, end) || in.getLong() != MAGIC) {
            return null;
        }
        int version = in.getInt();
        if (version != VERSION) {
            throw new StorageException("The description " + name + " of a put has format version " + version
                    + "; this build knows " + VERSION + ": start the newer build again");
        }
        GroupId found = new GroupId(new UUID(in.getLong(), in.getLong()));
        if (!found.equals(group)) {
            throw new StorageException("The storage root belongs to group " + found + ", not to " + group + " (" + name
                    + "): give this group a root of its own");
        }
        long createdAt = in.getLong();
        long size = in.getLong();
        Sha256 sha256 = Sha256.read(in);
        byte[] utf8 = new byte[in.getShort() & 0xffff];
        if (size < 0 || in.remaining() != utf8.length + CRC_BYTES) {
            return null;
        }
        in.get(utf8);
        return new PutContent(FilePath.ofUtf8(utf8), sha256, size, createdAt);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
