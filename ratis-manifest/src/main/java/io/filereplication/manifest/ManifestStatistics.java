package io.filereplication.manifest;

import org.jspecify.annotations.Nullable;

/**
 * A manifest seen from outside, at one moment; the counts are since this process began.
 *
 * @param appliedIndex log index up to which the manifest is, or -1
 * @param count registered files
 * @param bytes the sum of their sizes
 * @param enabledFormat newest format version that the log has enabled
 * @param entriesApplied log entries applied one by one
 * @param firstAppliedIndex the first of them, or -1
 * @param firstAppliedIndexAfterLoad the first of them since a snapshot was last loaded or installed, or -1: always behind
 *     {@code loadedSnapshotIndex}
 * @param loadedSnapshotIndex index of the last snapshot that was loaded, or -1
 * @param replacements how often a loaded snapshot took the place of a manifest that was in use
 * @param operationsApplied operations in batches that were applied
 * @param batchesRefused batches of which nothing was done
 * @param batchesRepeated batches answered from memory
 * @param batchesExpired batches whose answer may have been forgotten
 * @param unreadableEntries log entries that changed nothing because they are malformed
 * @param listenerFailures exceptions out of listeners
 * @param stopped why nothing is applied any more, or null
 */
public record ManifestStatistics(
        long appliedIndex,
        long count,
        long bytes,
        int enabledFormat,
        long entriesApplied,
        long firstAppliedIndex,
        long firstAppliedIndexAfterLoad,
        long loadedSnapshotIndex,
        long replacements,
        long operationsApplied,
        long batchesRefused,
        long batchesRepeated,
        long batchesExpired,
        long unreadableEntries,
        long listenerFailures,
        @Nullable StoppedBefore stopped) {}
