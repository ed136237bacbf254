package io.filereplication.client;

import io.filereplication.FilePath;
import io.filereplication.Sha256;
import io.filereplication.pull.PendingPuts;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The puts of this process that Raft has not decided yet, so that nobody takes their staged bytes, which may be the only
 * ones, for leftovers. Thread-safe.
 */
public final class PutLedger implements PendingPuts {
    private final ConcurrentMap<Content, Integer> pending = new ConcurrentHashMap<>();

    @Override
    public boolean isPending(FilePath path, Sha256 sha256) {
        return pending.containsKey(new Content(path, sha256));
    }

    /** One more put of this content is about to be proposed. */
    void begin(FilePath path, Sha256 sha256) {
        pending.merge(new Content(path, sha256), 1, Integer::sum);
    }

    /** One of them is decided and its bytes are published or dropped. */
    void end(FilePath path, Sha256 sha256) {
        pending.computeIfPresent(new Content(path, sha256), (content, count) -> count == 1 ? null : count - 1);
    }

    /** How many contents are pending. */
    int size() {
        return pending.size();
    }

    private record Content(FilePath path, Sha256 sha256) {}
}
