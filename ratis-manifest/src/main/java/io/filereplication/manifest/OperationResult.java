package io.filereplication.manifest;

import io.filereplication.Lsn;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one operation.
 *
 * @param contentLsn where the content that is there now (or that was deleted) was written; null where there is none
 * @param lsn where the entry was last written, or deleted; after a lost race the winner's; null where there is no entry
 */
public record OperationResult(
        OperationStatus status,
        @Nullable Lsn contentLsn,
        @Nullable Lsn lsn) {
    public OperationResult {
        Objects.requireNonNull(status, "status");
    }
}
