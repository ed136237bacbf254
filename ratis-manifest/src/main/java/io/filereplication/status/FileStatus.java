package io.filereplication.status;

import io.filereplication.Lsn;
import io.filereplication.NodeId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one node has of one file.
 *
 * @param id the node
 * @param appliedIndex log index up to which its manifest is, or -1
 * @param registered the content that its manifest has, or null
 * @param held the content of which it has a verified copy, or null
 */
public record FileStatus(
        NodeId id,
        long appliedIndex,
        @Nullable Lsn registered,
        @Nullable Lsn held) {
    public FileStatus {
        Objects.requireNonNull(id, "id");
    }

    /** Whether it has a verified copy of that content. */
    public boolean holds(Lsn contentLsn) {
        return contentLsn.equals(held);
    }
}
