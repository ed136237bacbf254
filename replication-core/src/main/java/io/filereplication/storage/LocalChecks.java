package io.filereplication.storage;

import io.filereplication.FilePath;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What must be true of a root before files are entrusted to it; what is not is said in one sentence at the start. */
final class LocalChecks {
    /** Longest path that the platform takes, bytes, its terminating zero included (Linux {@code PATH_MAX}). */
    static final int PLATFORM_PATH_BYTES = 4_096;
    /** Longest root, bytes, below which every legal path can exist. */
    static final int MAX_ROOT_BYTES = PLATFORM_PATH_BYTES - 1 - 1 - FilePath.MAX_BYTES;

    private static final String PROBE_PREFIX = "Probe-\u00e9\u4e2d-";

    private LocalChecks() {}

    static void platform(Path root) throws StorageException {
        if (!root.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            throw new StorageException("Storage root " + root
                    + " is on a platform without inodes and directory fsync; a Unix file system is needed");
        }
    }

    static void longestPath(Path root) throws StorageException {
        int bytes = root.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_ROOT_BYTES) {
            throw new StorageException(
                    "Storage root " + root + " has " + bytes + " bytes; with a path of " + FilePath.MAX_BYTES
                            + " bytes below it the platform's limit of " + PLATFORM_PATH_BYTES
                            + " is exceeded; use a root of at most "
                            + MAX_ROOT_BYTES);
        }
    }

    /** {@code encoding} is what Java encodes file names with, the system property {@code sun.jnu.encoding}. */
    static void nameEncoding(@Nullable String encoding) throws StorageException {
        if (encoding == null || !Charset.forName(encoding).equals(StandardCharsets.UTF_8)) {
            throw new StorageException("File names are encoded as " + encoding
                    + ", not as UTF-8; start Java with a UTF-8 locale, for example LC_ALL=C.UTF-8");
        }
    }

    /**
     * Writes a name of the longest length with letters beyond ASCII into {@code directory} and looks how it comes back.
     *
     * @param folds answers in place of the file system in tests; null to ask it
     */
    static void names(Path directory, @Nullable BooleanSupplier folds) throws StorageException {
        int room = FilePath.MAX_SEGMENT_BYTES - PROBE_PREFIX.getBytes(StandardCharsets.UTF_8).length;
        String name = PROBE_PREFIX + "x".repeat(room);
        Path probe = null;
        try {
            probe = Files.write(directory.resolve(name), new byte[0]);
            boolean exact;
            try (var listed = Files.list(directory)) {
                exact = listed.anyMatch(path -> path.getFileName().toString().equals(name));
            }
            if (!exact) {
                throw new StorageException(
                        "The file system of " + directory + " changes file names; names must stay as they are given");
            }
            boolean folded = folds != null
                    ? folds.getAsBoolean()
                    : Files.exists(directory.resolve(name.toLowerCase(Locale.ROOT)), LinkOption.NOFOLLOW_LINKS);
            if (folded) {
                throw new StorageException("The file system of " + directory
                        + " does not tell upper case from lower case; two files of the cluster could become one");
            }
        } catch (IOException | InvalidPathException e) {
            throw new StorageException(
                    "The file system of " + directory + " refuses the file name " + name + "; names of "
                            + FilePath.MAX_SEGMENT_BYTES + " bytes in UTF-8 must be possible",
                    e);
        } finally {
            if (probe != null) {
                remove(probe);
            }
        }
    }

    private static void remove(Path probe) throws StorageException {
        try {
            Files.deleteIfExists(probe);
        } catch (IOException e) {
            throw new StorageException("Cannot delete " + probe, e);
        }
    }
}
