package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.Sha256;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found in published files that were hashed without becoming the version they were compared with, as long as they look
 * as they did then. In memory and bounded: a forgotten one is hashed again. Thread-safe; no I/O.
 */
final class HashedContents {
    /** How many files are remembered. */
    static final int MOST = 100_000;

    private final Map<FilePath, Hashed> byPath = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<FilePath, Hashed> eldest) {
            return size() > MOST;
        }
    };

    /** What was found in a file that looked like this; null when it could not be read. */
    private record Hashed(@Nullable Sha256 sha256, FileStamp stamp) {}

    /** The file of {@code path} looks like {@code stamp} and contains {@code sha256}. */
    synchronized void found(FilePath path, Sha256 sha256, FileStamp stamp) {
        byPath.put(path, new Hashed(sha256, stamp));
    }

    /** The file of {@code path} looks like {@code stamp} and cannot be read. */
    synchronized void foundUnreadable(FilePath path, FileStamp stamp) {
        byPath.put(path, new Hashed(null, stamp));
    }

    /** Whether the file of {@code path} was hashed, however it looks now. */
    synchronized boolean isKnown(FilePath path) {
        return byPath.containsKey(path);
    }

    /** What is in the file of {@code path} that looks like {@code stamp}; null when that is not known. */
    synchronized @Nullable Sha256 recall(FilePath path, FileStamp stamp) {
        Hashed hashed = byPath.get(path);
        return hashed != null && hashed.stamp().equals(stamp) ? hashed.sha256() : null;
    }

    /** Whether the file of {@code path} could not be read when it looked like {@code stamp}. */
    synchronized boolean isUnreadable(FilePath path, @Nullable FileStamp stamp) {
        Hashed hashed = byPath.get(path);
        return hashed != null && hashed.sha256() == null && hashed.stamp().equals(stamp);
    }

    synchronized void forget(FilePath path) {
        byPath.remove(path);
    }

    /** Forgets that the file of {@code path} contains {@code sha256}; that it is something else stands. */
    synchronized void doubt(FilePath path, Sha256 sha256) {
        byPath.computeIfPresent(path, (key, hashed) -> sha256.equals(hashed.sha256()) ? null : hashed);
    }
}
