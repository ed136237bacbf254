package io.filereplication.metrics;

import java.util.function.ToLongFunction;

/**
 * What there is to see now, and what there was about a minute ago.
 *
 * @param before an earlier reading; the same as {@code now} when there is none
 * @param seconds between the two
 */
public record Observation(Reading now, Reading before, double seconds) {
    /** How much {@code counted} grew per second. */
    double perSecond(ToLongFunction<Reading> counted) {
        return seconds <= 0 ? 0 : (counted.applyAsLong(now) - counted.applyAsLong(before)) / seconds;
    }
}
