package io.filereplication.manifest;

import java.util.List;
import java.util.Objects;

/**
 * The answer to one batch.
 *
 * @param logIndex the log entry whose answer this is; a repeated batch may have been applied by an earlier one
 * @param operations an answer for each operation, in their order; empty when nothing of the batch was looked at
 */
public record BatchResult(Verdict verdict, long logIndex, List<OperationResult> operations) {
    public BatchResult {
        Objects.requireNonNull(verdict, "verdict");
        operations = List.copyOf(operations);
    }

    /** What became of the whole. */
    public enum Verdict {
        /** Every operation was accepted, now or when the batch arrived first. */
        APPLIED(1),
        /** At least one operation was refused, so none was done. */
        REFUSED(2),
        /**
         * Nothing was done: so many operations came since the proposer last heard from the log that this batch may be one
         * whose answer has been forgotten.
         */
        EXPIRED(3),
        /** Nothing was done: the log entry could not be read, or its format has not been enabled. */
        UNREADABLE(4);

        private final int code;

        Verdict(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Verdict ofCode(int code) {
            for (Verdict verdict : values()) {
                if (verdict.code == code) {
                    return verdict;
                }
            }
            throw new IllegalArgumentException("No verdict has the code " + code);
        }
    }
}
