package io.filereplication.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which file a name stands for, as a Unix file system tells it.
 *
 * <p>The platform's attributes have both numbers in one lstat, but give them out as an opaque key or, by name and in a map,
 * through a second lstat that takes as long as all else together. So they are read from the text of the key, and by name only
 * where that text looks different from what OpenJDK writes.
 */
record FileIdentity(long device, long inode) {
    private static final String DEVICE = "(dev=";
    private static final String INODE = ",ino=";

    /** The identity of what was {@code seen} at {@code path}, of which a link at the end is not followed. */
    static FileIdentity of(Path path, BasicFileAttributes seen) throws IOException {
        FileIdentity identity = parse(String.valueOf(seen.fileKey()));
        return identity != null ? identity : byName(path);
    }

    /** {@code (dev=HEXADECIMAL,ino=DECIMAL)}, or null for any other text. */
    static @Nullable FileIdentity parse(String key) {
        int comma = key.indexOf(INODE);
        int end = key.length() - 1;
        if (!key.startsWith(DEVICE) || comma < 0 || key.charAt(end) != ')') {
            return null;
        }
        try {
            return new FileIdentity(
                    Long.parseUnsignedLong(key, DEVICE.length(), comma, 16),
                    Long.parseLong(key, comma + INODE.length(), end, 10));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static FileIdentity byName(Path path) throws IOException {
        Map<String, Object> numbers = Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        return new FileIdentity(number(numbers, "dev"), number(numbers, "ino"));
    }

    private static long number(Map<String, Object> numbers, String name) {
        if (numbers.get(name) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalStateException("The file system reports no " + name);
    }
}
