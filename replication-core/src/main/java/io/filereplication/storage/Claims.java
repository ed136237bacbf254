package io.filereplication.storage;

import io.filereplication.FilePath;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that this process is registering where they lie: each may be of a version that is not applied yet, and the only copy,
 * whatever its record says. In memory; as many as registrations are under way. Thread-safe; no I/O.
 */
final class Claims {
    private final Map<FilePath, Integer> byPath = new ConcurrentHashMap<>();

    /** A registration of {@code path} begins; to be called with the path held. */
    void claim(FilePath path) {
        byPath.merge(path, 1, Integer::sum);
    }

    /** One registration of {@code path} is over. */
    void release(FilePath path) {
        byPath.computeIfPresent(path, (key, claims) -> claims == 1 ? null : claims - 1);
    }

    /** Whether any is under way. */
    boolean isClaimed(FilePath path) {
        return byPath.containsKey(path);
    }
}
