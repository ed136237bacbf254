package io.filereplication.metrics;

import io.filereplication.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Takes readings: a fresh one for whoever asks, though not more often than {@link #FRESH} allows, and one in a while to
 * compare it with. Thread-safe.
 */
final class RecentReadings {
    /** A reading that is not older is given again. */
    static final Duration FRESH = Duration.ofMillis(500);
    /** Between two readings that are kept to compare with. */
    static final Duration INTERVAL = Duration.ofSeconds(5);
    /** How far back is compared. */
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final int MOST_KEPT = (int) WINDOW.dividedBy(INTERVAL) + 1;
    private static final double NANOS_PER_SECOND = 1e9;

    private record Taken(long atNanos, Reading reading) {}

    private final Supplier<Reading> source;
    private final Ticker ticker;
    /** Oldest first, never empty. */
    private final Deque<Taken> kept = new ArrayDeque<>();

    private volatile Taken newest;

    /** Takes the first reading. */
    RecentReadings(Supplier<Reading> source, Ticker ticker) {
        this.source = source;
        this.ticker = ticker;
        newest = new Taken(ticker.nanoTime(), source.get());
        kept.add(newest);
    }

    /** What there is to see now. */
    Observation observe() {
        Taken now = newest;
        if (ticker.nanoTime() - now.atNanos >= FRESH.toNanos()) {
            now = take();
        }
        Taken before;
        synchronized (kept) {
            before = kept.element();
        }
        double seconds = Math.max(0, (now.atNanos - before.atNanos) / NANOS_PER_SECOND);
        return new Observation(now.reading, before.reading, seconds);
    }

    /** Keeps a reading of now; to be called every {@link #INTERVAL}. */
    void keep() {
        Taken now = take();
        synchronized (kept) {
            kept.add(now);
            if (kept.size() > MOST_KEPT) {
                kept.remove();
            }
        }
    }

    /** Outside any lock: the parts that are read have locks of their own. */
    private Taken take() {
        Taken now = new Taken(ticker.nanoTime(), source.get());
        newest = now;
        return now;
    }
}
