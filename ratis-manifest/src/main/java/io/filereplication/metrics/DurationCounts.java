package io.filereplication.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How many durations fell into which bucket, at one moment. The buckets' upper bounds go by 1, 2, 5 from 100 µs to 1,000 s;
 * behind the last one is a bucket for all that is longer.
 *
 * @param buckets how many are in each bucket, not cumulative; one more than {@link #BOUNDS_SECONDS}
 * @param sumSeconds of all of them
 */
public record DurationCounts(List<Long> buckets, double sumSeconds) {
    /** Upper bounds of the buckets, each included in its own. */
    public static final List<Double> BOUNDS_SECONDS = List.of(
            0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0,
            50.0, 100.0, 200.0, 500.0, 1000.0);

    /** Of no duration at all. */
    public static final DurationCounts NONE = new DurationCounts(Collections.nCopies(BOUNDS_SECONDS.size() + 1, 0L), 0);

    public DurationCounts {
        buckets = List.copyOf(buckets);
        if (buckets.size() != BOUNDS_SECONDS.size() + 1) {
            throw new IllegalArgumentException("There are " + buckets.size() + " buckets");
        }
    }

    /** How many durations there are. */
    public long count() {
        return buckets.stream().mapToLong(Long::longValue).sum();
    }

    /** Their mean in seconds, 0 when there is none. */
    public double mean() {
        long count = count();
        return count == 0 ? 0 : sumSeconds / count;
    }

    /** Those that have come since {@code earlier}. */
    public DurationCounts since(DurationCounts earlier) {
        List<Long> grown = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i++) {
            grown.add(buckets.get(i) - earlier.buckets.get(i));
        }
        return new DurationCounts(grown, sumSeconds - earlier.sumSeconds);
    }

    /**
     * The duration in seconds that the given share of all does not exceed: an estimate within its bucket, the last bound when
     * it is longer, and 0 when there is no duration.
     *
     * @param share between 0 and 1
     */
    public double quantile(double share) {
        double rank = share * count();
        long below = 0;
        for (int i = 0; i < BOUNDS_SECONDS.size(); i++) {
            long inside = buckets.get(i);
            if (inside > 0 && below + inside >= rank) {
                double from = i == 0 ? 0 : BOUNDS_SECONDS.get(i - 1);
                return from + (BOUNDS_SECONDS.get(i) - from) * (rank - below) / inside;
            }
            below += inside;
        }
        return count() == 0 ? 0 : BOUNDS_SECONDS.get(BOUNDS_SECONDS.size() - 1);
    }
}
