package io.filereplication.manifest;

import java.util.Objects;

/**
 * Why a node applies nothing any more: an entry that it does not understand is never skipped, because a newer build applies
 * it and the two would differ for ever.
 *
 * @param index the log entry that was not applied
 * @param neededFormat the format version that the node needs to know to go on; one more than its own when the entry does
 *     not say
 * @param sentence for the operator
 */
public record StoppedBefore(long index, int neededFormat, String sentence) {
    public StoppedBefore {
        Objects.requireNonNull(sentence, "sentence");
    }
}
