package io.filereplication.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts durations. Thread-safe; counting one takes no lock and no memory. */
public final class DurationHistogram {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long[] BOUNDS_NANOS = DurationCounts.BOUNDS_SECONDS.stream()
            .mapToLong(seconds -> Math.round(seconds * NANOS_PER_SECOND))
            .toArray();

    private final AtomicLongArray buckets = new AtomicLongArray(BOUNDS_NANOS.length + 1);
    private final LongAdder sumNanos = new LongAdder();

    /** One more; a negative duration counts as none. */
    public void add(Duration duration) {
        addNanos(duration.toNanos());
    }

    /** The same for a difference of {@code nanoTime}. */
    public void addNanos(long nanos) {
        long counted = Math.max(0, nanos);
        int found = Arrays.binarySearch(BOUNDS_NANOS, counted);
        buckets.incrementAndGet(found >= 0 ? found : -found - 1);
        sumNanos.add(counted);
    }

    /** What was counted so far. */
    public DurationCounts counts() {
        List<Long> now = new ArrayList<>();
        for (int i = 0; i < buckets.length(); i++) {
            now.add(buckets.get(i));
        }
        return new DurationCounts(now, sumNanos.sum() / NANOS_PER_SECOND);
    }
}
