package io.filereplication.benchmark;

import io.filereplication.FilePath;
import io.filereplication.client.FileReplication;
import io.filereplication.manifest.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Commits log entries that change nothing (the delete of a file that does not exist), open loop: each has its time, whether or
 * not the one before it was answered, and its latency counts from that time. One thread from construction to {@link #end}.
 */
final class CommitProbe {
    private static final int MAX_COMMITS = 1_000_000;
    private static final long ANSWER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final FilePath NOBODYS = FilePath.of("benchmark/does-not-exist");

    private final FileReplication files;
    private final long spacingNanos;
    private final long[] latencies = new long[MAX_COMMITS];
    private final AtomicInteger answered = new AtomicInteger();
    private final Thread thread = new Thread(this::submit, "commit-probe");
    private volatile boolean ended;
    private int submitted;

    /** Latencies in milliseconds. */
    record Latencies(double p50, double p99, double max, int count) {
        static Latencies parse(String text) {
            String[] numbers = text.split(" ", -1);
            return new Latencies(
                    Double.parseDouble(numbers[0]),
                    Double.parseDouble(numbers[1]),
                    Double.parseDouble(numbers[2]),
                    Integer.parseInt(numbers[3]));
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.4f %.4f %.4f %d", p50, p99, max, count);
        }
    }

    CommitProbe(FileReplication files, int perSecond) {
        this.files = files;
        this.spacingNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        thread.start();
    }

    private void submit() {
        long begin = System.nanoTime();
        while (!ended && submitted < MAX_COMMITS) {
            int number = submitted++;
            long due = begin + number * spacingNanos;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            var unused = files.batch(List.of(Operation.delete(NOBODYS, "benchmark")))
                    .whenComplete((result, failure) -> {
                        // A commit without an answer would be a slow one that nobody sees.
                        latencies[number] = failure == null ? System.nanoTime() - due : Long.MAX_VALUE;
                        answered.incrementAndGet();
                    });
        }
    }

    /** Submits no more and waits for the answers. */
    Latencies end() throws InterruptedException {
        ended = true;
        thread.join();
        long until = System.nanoTime() + ANSWER_PATIENCE_NANOS;
        while (answered.get() < submitted && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        if (answered.get() < submitted) {
            throw new IllegalStateException((submitted - answered.get()) + " commits got no answer");
        }
        long[] measured = Arrays.copyOf(latencies, submitted);
        return new Latencies(
                Result.quantile(measured, 0.5) / 1e6,
                Result.quantile(measured, 0.99) / 1e6,
                Result.quantile(measured, 1) / 1e6,
                submitted);
    }
}
