package io.filereplication.client;

import io.filereplication.manifest.Proposals;
import java.time.Duration;

/**
 * The bounds of a {@link ManifestClient}.
 *
 * @param maxPendingOperations most operations that wait or are in flight
 * @param maxPendingBytes most bytes of them
 * @param maxEntryOperations most operations in one log entry
 * @param maxEntryBytes most bytes in one log entry; Ratis takes 4 MB
 * @param timeout after which a call ends without an answer
 * @param firstPause before a failed log entry is proposed again; doubles up to {@code longestPause}
 */
public record ManifestClientSettings(
        int maxPendingOperations,
        long maxPendingBytes,
        int maxEntryOperations,
        int maxEntryBytes,
        Duration timeout,
        Duration firstPause,
        Duration longestPause) {
    /** What Ratis accepts in one log entry, less what it adds. */
    public static final int ENTRY_LIMIT_BYTES = 4_000_000;

    public ManifestClientSettings {
        range("maxEntryOperations", maxEntryOperations, 1, Proposals.MAX_OPERATIONS);
        range("maxEntryBytes", maxEntryBytes, 16 * 1024, ENTRY_LIMIT_BYTES);
        range("maxPendingOperations", maxPendingOperations, maxEntryOperations, Integer.MAX_VALUE);
        range("maxPendingBytes", maxPendingBytes, maxEntryBytes, Long.MAX_VALUE);
        range("timeout in ms", timeout.toMillis(), 1, Integer.MAX_VALUE);
        range("firstPause in ms", firstPause.toMillis(), 1, longestPause.toMillis());
        range("longestPause in ms", longestPause.toMillis(), 1, timeout.toMillis());
    }

    private static void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed are " + min + " to " + max);
        }
    }

    /** 50,000 operations and 32 MiB pending, 2,000 operations and 1 MiB in an entry, 30 s. */
    public static ManifestClientSettings defaults() {
        return new ManifestClientSettings(
                50_000,
                32L << 20,
                2_000,
                1 << 20,
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                Duration.ofSeconds(2));
    }

    /** The same with smaller log entries. */
    public ManifestClientSettings withEntryBytes(int other) {
        return new ManifestClientSettings(
                maxPendingOperations, maxPendingBytes, maxEntryOperations, other, timeout, firstPause, longestPause);
    }
}
