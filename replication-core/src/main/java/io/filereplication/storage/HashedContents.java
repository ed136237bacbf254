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

    /**
     * What was found in a file that looked like this.
     *
     * @param sha256 null when it could not be read
     * @param claims how many registrations of it are under way
     */
    private record Hashed(@Nullable Sha256 sha256, FileStamp stamp, int claims) {}

    /** The file of {@code path} looks like {@code stamp} and contains {@code sha256}. */
    synchronized void found(FilePath path, Sha256 sha256, FileStamp stamp) {
        put(path, sha256, stamp, 0);
    }

    /** The file of {@code path} looks like {@code stamp} and cannot be read. */
    synchronized void foundUnreadable(FilePath path, FileStamp stamp) {
        put(path, null, stamp, 0);
    }

    private void put(FilePath path, @Nullable Sha256 sha256, FileStamp stamp, int moreClaims) {
        Hashed before = byPath.get(path);
        int claims = before != null && before.stamp().equals(stamp) ? before.claims() : 0;
        byPath.put(path, new Hashed(sha256, stamp, claims + moreClaims));
    }

    /** {@link #found}, and it is about to be registered: the file {@link #isClaimed} until {@link #release}. */
    synchronized void claim(FilePath path, Sha256 sha256, FileStamp stamp) {
        put(path, sha256, stamp, 1);
    }

    /** One registration of the file of {@code path} is over. */
    synchronized void release(FilePath path) {
        byPath.computeIfPresent(
                path, (key, hashed) -> new Hashed(hashed.sha256(), hashed.stamp(), Math.max(0, hashed.claims() - 1)));
    }

    /** Whether the file of {@code path} may be of a version whose registration is under way, and the only copy. */
    synchronized boolean isClaimed(FilePath path) {
        Hashed hashed = byPath.get(path);
        return hashed != null && hashed.claims() > 0;
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

    /** There is a record now; only what is claimed is remembered on. */
    synchronized void forget(FilePath path) {
        byPath.computeIfPresent(path, (key, hashed) -> hashed.claims() > 0 ? hashed : null);
    }

    /** Forgets that the file of {@code path} contains {@code sha256}; that it is something else stands. */
    synchronized void doubt(FilePath path, Sha256 sha256) {
        byPath.computeIfPresent(path, (key, hashed) -> sha256.equals(hashed.sha256()) ? null : hashed);
    }
}
