package io.filereplication;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name of a file in the cluster and, below a storage root, on every node's disk.
 *
 * <p>Relative, {@code /}-separated, well-formed Unicode, 1 to {@value #MAX_BYTES} UTF-8 bytes, each segment 1 to
 * {@value #MAX_SEGMENT_BYTES}; no {@code .} or {@code ..} segment, no backslash, no colon, no control character; the first
 * segment is not {@value #RESERVED_SEGMENT}. A path is never rewritten: what breaks a rule is refused with
 * {@link InvalidFilePathException}.
 *
 * <p>Kept as UTF-8 and ordered by unsigned bytes, which is the order of the code points; so all paths below a directory are
 * neighbours, and a million paths cost half of what a million strings would.
 */
public final class FilePath implements Comparable<FilePath> {
    /** Longest path, UTF-8 bytes. */
    public static final int MAX_BYTES = 3_072;
    /** Longest segment, UTF-8 bytes: the limit of every common file system. */
    public static final int MAX_SEGMENT_BYTES = 255;
    /** The directory below a storage root that belongs to the replication itself. */
    public static final String RESERVED_SEGMENT = ".filereplication";

    private static final byte[] RESERVED = RESERVED_SEGMENT.getBytes(StandardCharsets.US_ASCII);

    private final byte[] utf8;

    private FilePath(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** The path named {@code path}; throws {@link InvalidFilePathException} when it breaks a rule. */
    public static FilePath of(String path) {
        Objects.requireNonNull(path, "path");
        byte[] utf8;
        try {
            utf8 = Utf8.encode(path);
        } catch (CharacterCodingException e) {
            throw new InvalidFilePathException(path, "it is not well-formed Unicode");
        }
        String broken = brokenRule(utf8);
        if (broken != null) {
            throw new InvalidFilePathException(path, broken);
        }
        return new FilePath(utf8);
    }

    /** The path with these UTF-8 bytes (copied); throws {@link InvalidFilePathException} when they break a rule. */
    public static FilePath ofUtf8(byte[] utf8) {
        byte[] copy = utf8.clone();
        String broken = brokenRule(copy);
        if (broken == null && !isAscii(copy)) {
            try {
                Utf8.decode(copy);
            } catch (CharacterCodingException e) {
                broken = "it is not well-formed UTF-8";
            }
        }
        if (broken != null) {
            throw new InvalidFilePathException(new String(copy, StandardCharsets.UTF_8), broken);
        }
        return new FilePath(copy);
    }

    private static boolean isAscii(byte[] bytes) {
        int all = 0;
        for (byte b : bytes) {
            all |= b;
        }
        return all >= 0;
    }

    private static @Nullable String brokenRule(byte[] utf8) {
        if (utf8.length == 0) {
            return "it is empty";
        }
        if (utf8.length > MAX_BYTES) {
            return "it has " + utf8.length + " UTF-8 bytes, the limit is " + MAX_BYTES;
        }
        for (int start = 0; start <= utf8.length; ) {
            int end = start;
            while (end < utf8.length && utf8[end] != '/') {
                String broken = brokenByte(utf8, end);
                if (broken != null) {
                    return broken;
                }
                end++;
            }
            String broken = brokenSegment(utf8, start, end);
            if (broken != null) {
                return broken;
            }
            start = end + 1;
        }
        return null;
    }

    private static @Nullable String brokenByte(byte[] utf8, int at) {
        int b = utf8[at] & 0xff;
        if (b == '\\') {
            return "it has a backslash; separate segments with '/'";
        }
        if (b == ':') {
            return "it has a colon";
        }
        // U+0080 to U+009F are the C1 control characters: 0xC2 followed by 0x80 to 0x9F.
        boolean c1 = b == 0xc2 && at + 1 < utf8.length && (utf8[at + 1] & 0xff) < 0xa0;
        return b < 0x20 || b == 0x7f || c1 ? "it has a control character" : null;
    }

    private static @Nullable String brokenSegment(byte[] utf8, int start, int end) {
        int length = end - start;
        if (length == 0) {
            return "it has an empty segment, or begins or ends with '/'";
        }
        if (length > MAX_SEGMENT_BYTES) {
            return "a segment has " + length + " UTF-8 bytes, the limit is " + MAX_SEGMENT_BYTES;
        }
        if (utf8[start] == '.' && (length == 1 || (length == 2 && utf8[start + 1] == '.'))) {
            return "it has a '.' or '..' segment";
        }
        if (start == 0 && Arrays.equals(utf8, 0, end, RESERVED, 0, RESERVED.length)) {
            return "its first segment '" + RESERVED_SEGMENT + "' is reserved";
        }
        return null;
    }

    /** The path as text, as it was given. */
    public String value() {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** A copy of the UTF-8 bytes, which is what log entries, snapshots and MACs carry. */
    public byte[] toUtf8() {
        return utf8.clone();
    }

    /**
     * Puts the UTF-8 bytes at the beginning of {@code target}, for whoever writes millions of paths without an array each;
     * returns how many there are.
     */
    public int copyUtf8To(byte[] target) {
        System.arraycopy(utf8, 0, target, 0, utf8.length);
        return utf8.length;
    }

    /** Length in UTF-8 bytes, 1 to {@value #MAX_BYTES}. */
    public int utf8Length() {
        return utf8.length;
    }

    /** The directory that holds this file, or null for a file at the top. */
    public @Nullable FilePath parent() {
        for (int i = utf8.length - 1; i > 0; i--) {
            if (utf8[i] == '/') {
                return new FilePath(Arrays.copyOf(utf8, i));
            }
        }
        return null;
    }

    /** Whether {@code this} would have to be a directory for {@code other} to exist: {@code a} is above {@code a/b}. */
    public boolean isAbove(FilePath other) {
        return other.utf8.length > utf8.length
                && other.utf8[utf8.length] == '/'
                && Arrays.equals(utf8, 0, utf8.length, other.utf8, 0, utf8.length);
    }

    /**
     * The least path that can be below this one, registered or not: where a search for files in this directory begins. Null
     * when no path below it would be short enough.
     */
    public @Nullable FilePath leastBelow() {
        if (utf8.length + 2 > MAX_BYTES) {
            return null;
        }
        byte[] child = Arrays.copyOf(utf8, utf8.length + 2);
        child[utf8.length] = '/';
        child[utf8.length + 1] = ' ';
        return new FilePath(child);
    }

    /** Whether the path begins with these characters; a prefix need not end at a segment. */
    public boolean startsWith(String prefix) {
        byte[] begin = prefix.getBytes(StandardCharsets.UTF_8);
        return utf8.length >= begin.length && Arrays.equals(utf8, 0, begin.length, begin, 0, begin.length);
    }

    @Override
    public int compareTo(FilePath other) {
        return Arrays.compareUnsigned(utf8, other.utf8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FilePath that && Arrays.equals(utf8, that.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    /** The path for a log line: format characters are escaped. */
    @Override
    public String toString() {
        return Utf8.printable(value());
    }
}
