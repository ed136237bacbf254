package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How records lie on disk. A log and a snapshot are the same: a header, then frames; a snapshot ends in an end frame.
 *
 * <pre>
 *   header   0  magic "FRRECORD"      8 bytes
 *            8  format version        int, 1
 *           12  group                 two longs
 *           28  CRC32C of 0 to 27     int
 *   frame    0  payload length        int, 1 to {@link #MAX_PAYLOAD}
 *            4  CRC32C of the payload int
 *            8  payload: kind byte, then its fields
 *   fields      path    length (unsigned short), UTF-8
 *               lsn     long, int
 *               stamp   size, modification time, inode: three longs
 *               name    area byte, length byte, ASCII
 *   kinds    1 recorded  suspect byte, path, lsn, SHA-256, stamp      4 staged   name, path, lsn
 *            2 forgotten path                                         5 dropped  name
 *            3 intended  path, lsn, SHA-256, stamp, name              6 end      number of frames before it (long)
 * </pre>
 * All numbers are big-endian. What follows the first frame that is torn or fails its CRC is ignored: every record that is believed
 * in is compared with the file's stamp, so a lost one costs a re-hash.
 */
final class RecordFormat {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 32;
    static final int FRAME_HEADER_BYTES = 8;
    /** Longest payload: a path, a name and the fixed fields. */
    static final int MAX_PAYLOAD = 4_096;

    private static final long MAGIC = 0x46525245434f5244L;
    private static final byte RECORDED = 1;
    private static final byte FORGOTTEN = 2;
    private static final byte INTENDED = 3;
    private static final byte STAGED = 4;
    private static final byte DROPPED = 5;
    private static final byte END = 6;

    private RecordFormat() {}

    static ByteBuffer header(GroupId group) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putInt(VERSION);
        header.putLong(group.value().getMostSignificantBits())
                .putLong(group.value().getLeastSignificantBits());
        return header.putInt(crc(header.array(), 0, header.position())).flip();
    }

    /**
     * Takes the header of the file named {@code name}.
     *
     * @return whether it is one; a torn or damaged one belongs to a file that never held anything, or cannot be believed
     * @throws StorageException when the records are another group's, or in a format that this build does not know
     */
    static boolean takeHeader(ByteBuffer source, GroupId group, OwnName name) throws StorageException {
        if (source.remaining() < HEADER_BYTES) {
            return false;
        }
        int start = source.position();
        ByteBuffer header = source.slice(start, HEADER_BYTES);
        source.position(start + HEADER_BYTES);
        byte[] bytes = new byte[HEADER_BYTES - Integer.BYTES];
        header.duplicate().get(bytes);
        if (header.getInt(bytes.length) != crc(bytes, 0, bytes.length) || header.getLong() != MAGIC) {
            return false;
        }
        int version = header.getInt();
        GroupId found = new GroupId(new UUID(header.getLong(), header.getLong()));
        if (version != VERSION) {
            throw new StorageException(
                    "Local records " + name + " have format version " + version + "; this build knows " + VERSION
                            + ": start the newer build again, or remove the records, which costs a re-hash of every file");
        }
        if (!found.equals(group)) {
            throw new StorageException("The storage root belongs to group " + found + ", not to " + group + " (" + name
                    + "): give this group a root of its own");
        }
        return true;
    }

    /** {@code change} as a frame. */
    static byte[] frame(Change change) {
        ByteBuffer out = ByteBuffer.allocate(FRAME_HEADER_BYTES + size(change)).position(FRAME_HEADER_BYTES);
        if (change instanceof Change.Recorded recorded) {
            out.put(RECORDED).put((byte) (recorded.suspect() ? 1 : 0));
            putRecord(out, recorded.record());
        } else if (change instanceof Change.Forgotten forgotten) {
            putPath(out.put(FORGOTTEN), forgotten.path());
        } else if (change instanceof Change.Intended intended) {
            putRecord(out.put(INTENDED), intended.record());
            putName(out, intended.from());
        } else if (change instanceof Change.Staged staged) {
            putName(out.put(STAGED), staged.name());
            putVersion(out, staged.version());
        } else if (change instanceof Change.Dropped dropped) {
            putName(out.put(DROPPED), dropped.name());
        }
        return sealed(out);
    }

    /** The frame that ends a snapshot of {@code frames} frames. */
    static byte[] endFrame(long frames) {
        ByteBuffer out =
                ByteBuffer.allocate(FRAME_HEADER_BYTES + 1 + Long.BYTES).position(FRAME_HEADER_BYTES);
        return sealed(out.put(END).putLong(frames));
    }

    private static byte[] sealed(ByteBuffer frame) {
        byte[] bytes = new byte[frame.flip().remaining()];
        frame.get(bytes);
        int payload = bytes.length - FRAME_HEADER_BYTES;
        ByteBuffer.wrap(bytes).putInt(payload).putInt(crc(bytes, FRAME_HEADER_BYTES, payload));
        return bytes;
    }

    private static int size(Change change) {
        int fixed = 1 + 1 + Long.BYTES + Integer.BYTES + Sha256.BYTES + 3 * Long.BYTES;
        FilePath path = pathOf(change);
        return fixed + (path == null ? 0 : Short.BYTES + path.utf8Length()) + 2 + OwnName.MAX_NAME;
    }

    private static @Nullable FilePath pathOf(Change change) {
        if (change instanceof Change.Recorded recorded) {
            return recorded.record().version().path();
        } else if (change instanceof Change.Forgotten forgotten) {
            return forgotten.path();
        } else if (change instanceof Change.Intended intended) {
            return intended.record().version().path();
        } else if (change instanceof Change.Staged staged) {
            return staged.version().path();
        }
        return null;
    }

    private static void putRecord(ByteBuffer out, LocalRecord record) {
        putVersion(out, record.version());
        record.sha256().write(out);
        FileStamp stamp = record.stamp();
        out.putLong(stamp.sizeBytes()).putLong(stamp.modifiedNanos()).putLong(stamp.fileKey());
    }

    private static void putVersion(ByteBuffer out, FileVersion version) {
        putPath(out, version.path());
        out.putLong(version.contentLsn().index()).putInt(version.contentLsn().ordinal());
    }

    private static void putPath(ByteBuffer out, FilePath path) {
        byte[] utf8 = path.toUtf8();
        out.putShort((short) utf8.length).put(utf8);
    }

    private static void putName(ByteBuffer out, OwnName name) {
        byte[] ascii = name.name().getBytes(StandardCharsets.US_ASCII);
        out.put(code(name.area())).put((byte) ascii.length).put(ascii);
    }

    /** A frame that was taken: {@code change} is null for the end of a snapshot, which counts {@code framesBefore}. */
    record Taken(@Nullable Change change, long framesBefore) {}

    /**
     * Takes one frame, or returns null when none is whole: with {@code source} unmoved.
     *
     * @throws IllegalArgumentException when it is damaged (also as its subtypes and as a buffer underflow)
     */
    static @Nullable Taken take(ByteBuffer source) {
        if (source.remaining() < FRAME_HEADER_BYTES) {
            return null;
        }
        int start = source.position();
        int length = source.getInt(start);
        if (length < 1 || length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("A frame of " + length + " bytes");
        }
        if (source.remaining() < FRAME_HEADER_BYTES + length) {
            return null;
        }
        int payload = start + FRAME_HEADER_BYTES;
        if (crc(source.slice(payload, length)) != source.getInt(start + Integer.BYTES)) {
            throw new IllegalArgumentException("A frame with a wrong checksum");
        }
        source.position(payload + length);
        return payload(source.slice(payload, length));
    }

    private static Taken payload(ByteBuffer in) {
        byte kind = in.get();
        Change change = switch (kind) {
            case RECORDED -> {
                boolean suspect = in.get() != 0;
                yield new Change.Recorded(takeRecord(in), suspect);
            }
            case FORGOTTEN -> new Change.Forgotten(takePath(in));
            case INTENDED -> new Change.Intended(takeRecord(in), takeName(in));
            case STAGED -> new Change.Staged(takeName(in), takeVersion(in));
            case DROPPED -> new Change.Dropped(takeName(in));
            case END -> null;
            default -> throw new IllegalArgumentException("A frame of kind " + kind);
        };
        return new Taken(change, change == null ? in.getLong() : 0);
    }

    private static LocalRecord takeRecord(ByteBuffer in) {
        FileVersion version = takeVersion(in);
        Sha256 sha256 = Sha256.read(in);
        return new LocalRecord(version, sha256, new FileStamp(in.getLong(), in.getLong(), in.getLong()));
    }

    private static FileVersion takeVersion(ByteBuffer in) {
        FilePath path = takePath(in);
        return new FileVersion(path, new Lsn(in.getLong(), in.getInt()));
    }

    private static FilePath takePath(ByteBuffer in) {
        byte[] utf8 = new byte[in.getShort() & 0xffff];
        in.get(utf8);
        return FilePath.ofUtf8(utf8);
    }

    private static OwnName takeName(ByteBuffer in) {
        Area area = area(in.get());
        byte[] ascii = new byte[in.get() & 0xff];
        in.get(ascii);
        return new OwnName(area, new String(ascii, StandardCharsets.US_ASCII));
    }

    private static byte code(Area area) {
        return switch (area) {
            case STAGED -> 1;
            case PUTS -> 2;
            case RECORDS -> 3;
            case DIGESTS -> 4;
            case TRASH -> 5;
        };
    }

    private static Area area(byte code) {
        return switch (code) {
            case 1 -> Area.STAGED;
            case 2 -> Area.PUTS;
            case 3 -> Area.RECORDS;
            case 4 -> Area.DIGESTS;
            case 5 -> Area.TRASH;
            default -> throw new IllegalArgumentException("An area " + code);
        };
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
