package io.filereplication.storage;

import io.filereplication.storage.LocalFiles.Memo;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Texts that are kept over restarts beside the records, and lost with them: {@code records/memo-<what>-<number>}, the CRC32C
 * of the text and the text in UTF-8. A new one gets a new number and is durable before the old one is deleted; the highest
 * number that is whole counts. Thread-safe; blocks only in {@link #keep}.
 */
final class Memos {
    private static final String PREFIX = "memo-";
    /** Longest text, bytes: two of the longest paths. */
    private static final int MAX_BYTES = 8_192;

    private record Kept(long number, String text) {}

    private final StorageBackend backend;
    private final Map<Memo, Kept> kept = new EnumMap<>(Memo.class);

    private Memos(StorageBackend backend) {
        this.backend = backend;
    }

    /** Reads what is there. */
    static Memos open(StorageBackend backend) throws StorageException {
        Memos memos = new Memos(backend);
        for (String name : backend.ownNames(Area.RECORDS)) {
            for (Memo memo : Memo.values()) {
                long number = numberIn(name, memo);
                String text = number < 0 ? null : memos.read(new OwnName(Area.RECORDS, name));
                Kept known = memos.kept.get(memo);
                if (text != null && (known == null || known.number() < number)) {
                    memos.kept.put(memo, new Kept(number, text));
                }
            }
        }
        return memos;
    }

    private static String prefix(Memo memo) {
        return PREFIX + memo.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-";
    }

    private static long numberIn(String name, Memo memo) {
        String digits =
                name.startsWith(prefix(memo)) ? name.substring(prefix(memo).length()) : "";
        boolean number = digits.length() == 16 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(digits) : -1;
    }

    private static OwnName name(Memo memo, long number) {
        return new OwnName(Area.RECORDS, String.format("%s%016d", prefix(memo), number));
    }

    /** Null when it is not whole: the power failed before it was durable. */
    private @Nullable String read(OwnName name) throws StorageException {
        try (ReadHandle in = backend.openOwn(name)) {
            if (in == null
                    || in.stamp().sizeBytes() < Integer.BYTES
                    || in.stamp().sizeBytes() > Integer.BYTES + MAX_BYTES) {
                return null;
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) in.stamp().sizeBytes());
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
                read = in.read(bytes, bytes.position());
            }
            bytes.flip();
            if (bytes.remaining() < Integer.BYTES || bytes.getInt() != checksum(bytes)) {
                return null;
            }
            return StandardCharsets.UTF_8.decode(bytes).toString();
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate());
        return (int) checksum.getValue();
    }

    synchronized @Nullable String get(Memo memo) {
        Kept known = kept.get(memo);
        return known == null ? null : known.text();
    }

    /** Durable on return; until then the one before counts. */
    void keep(Memo memo, String text) throws StorageException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(memo + " has " + bytes.length + " bytes, allowed are " + MAX_BYTES);
        }
        Kept before;
        synchronized (this) {
            before = kept.get(memo);
        }
        long number = before == null ? 1 : before.number() + 1;
        ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + bytes.length);
        whole.putInt(checksum(ByteBuffer.wrap(bytes))).put(bytes).flip();
        try (WriteHandle out = backend.write(name(memo, number))) {
            out.truncate(0);
            out.append(whole);
            out.sync();
        }
        backend.syncNames(Area.RECORDS);
        synchronized (this) {
            kept.put(memo, new Kept(number, text));
        }
        for (String old : backend.ownNames(Area.RECORDS)) {
            long found = numberIn(old, memo);
            if (found >= 0 && found < number) {
                backend.deleteOwn(new OwnName(Area.RECORDS, old));
            }
        }
    }
}
