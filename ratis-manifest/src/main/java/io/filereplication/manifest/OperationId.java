package io.filereplication.manifest;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The 128-bit name of one call, drawn at random by its proposer: whatever arrives a second time under the same id changes
 * nothing and gets its first answer. An operation in a batch is named by the batch's id and its place in the batch.
 */
public record OperationId(long high, long low) {
    /** An id from {@code random}, which must be cryptographically strong or seeded for a test. */
    public static OperationId random(RandomGenerator random) {
        return new OperationId(random.nextLong(), random.nextLong());
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
