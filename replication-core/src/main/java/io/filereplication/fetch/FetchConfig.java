package io.filereplication.fetch;

import java.time.Duration;

/**
 * How long a fetch waits for what.
 *
 * @param connectTimeout for a connection
 * @param acknowledgementTimeout for the first message of an answer, connecting included
 * @param silenceLimit for any further message: a peer that is merely slow says {@code wait} every second
 * @param progressTimeout for bytes, however alive the peer says it is; time spent on our own disk does not count
 * @param sessionAge after which a new session is begun
 */
public record FetchConfig(
        Duration connectTimeout,
        Duration acknowledgementTimeout,
        Duration silenceLimit,
        Duration progressTimeout,
        Duration sessionAge) {
    public FetchConfig {
        positive("connectTimeout", connectTimeout);
        positive("acknowledgementTimeout", acknowledgementTimeout);
        positive("sessionAge", sessionAge);
        if (silenceLimit.compareTo(Duration.ofSeconds(2)) < 0) {
            throw new IllegalArgumentException("silenceLimit is " + silenceLimit
                    + ", at least 2 s are needed as a waiting peer speaks every second");
        }
        if (progressTimeout.compareTo(silenceLimit) < 0) {
            throw new IllegalArgumentException(
                    "progressTimeout is " + progressTimeout + ", which is shorter than silenceLimit, " + silenceLimit);
        }
    }

    /** 10 s, 15 s, 3 s, 60 s, 10 min. */
    public static FetchConfig defaults() {
        return new FetchConfig(
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofSeconds(3),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10));
    }

    private static void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be positive");
        }
    }
}
