package io.filereplication.cli;

import io.filereplication.time.Ticker;
import java.io.PrintStream;
import java.time.Duration;

/** A line every few seconds, for logs; what is done sooner says nothing. For one thread. */
final class LineProgress implements Progress {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final PrintStream err;
    private final Ticker clock;
    private long lastAt;

    LineProgress(PrintStream err, Ticker clock) {
        this.err = err;
        this.clock = clock;
        this.lastAt = clock.nanoTime();
    }

    @Override
    public void show(String task, long done, long total, boolean bytes) {
        long now = clock.nanoTime();
        if (now - lastAt < INTERVAL.toNanos()) {
            return;
        }
        lastAt = now;
        String of = total > 0 ? " of " + amount(total, bytes) : "";
        err.println(task + ": " + amount(done, bytes) + of);
    }

    private static String amount(long amount, boolean bytes) {
        return bytes ? Amounts.size(amount) : Long.toString(amount);
    }
}
