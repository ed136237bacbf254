package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that are being registered where they lie: each may be of a version that is not applied yet, and the only copy, whatever
 * its record says. Those of this process are known, as many as registrations are under way. What the process before it was registering
 * is not, and may become a log entry for a while: any file that it can have left here may be meant. Thread-safe; no I/O.
 */
final class Claims {
    private final Map<FilePath, Integer> byPath = new ConcurrentHashMap<>();
    /** What was registered up to here may lie here as the process before left it. */
    private volatile long earlierIndex = Long.MAX_VALUE;
    /** Files registered behind that which were not brought here but found, so that they are known by what is registered now. */
    private final Set<FilePath> found = ConcurrentHashMap.newKeySet();

    /** A registration of {@code path} begins; to be called with the path held. */
    void claim(FilePath path) {
        byPath.merge(path, 1, Integer::sum);
    }

    /** One registration of {@code path} is over. */
    void release(FilePath path) {
        byPath.computeIfPresent(path, (key, claims) -> claims == 1 ? null : claims - 1);
    }

    /** What is registered behind {@code appliedIndex}, this process brings here, unless it finds it here. */
    synchronized void barrierPassed(long appliedIndex) {
        earlierIndex = Math.min(earlierIndex, appliedIndex);
    }

    /** A file that was here was found to be of {@code version}. One that this process is registering is its own, also when it was here. */
    synchronized void found(FileVersion version) {
        boolean isLater = earlierIndex >= 0 && version.contentLsn().index() > earlierIndex;
        if (isLater && !isClaimed(version.path())) {
            found.add(version.path());
        }
    }

    /** What the process before proposed is a log entry by now, or never will be. */
    synchronized void earlierProposalsOver() {
        earlierIndex = -1;
        found.clear();
    }

    /** Whether something that the process before proposed may still become a log entry. */
    boolean mayEarlierProposalsCome() {
        return earlierIndex >= 0;
    }

    /** Whether this process is registering {@code path}. */
    boolean isClaimed(FilePath path) {
        return byPath.containsKey(path);
    }

    /** Whether the file of {@code path}, {@code known}, may be one that the process before was registering, of which a proposal is on its way. */
    boolean mayBeOfEarlierProcess(FilePath path, KnownFile known) {
        return known.contentLsn().index() <= earlierIndex || found.contains(path);
    }
}
