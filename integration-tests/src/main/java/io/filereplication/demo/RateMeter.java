package io.filereplication.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** How fast a growing number grew during the last two seconds. Used by one thread. */
final class RateMeter {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Takes a sample and returns the growth per second, or -1 while there is only one. */
    long sample(long nanoTime, long value) {
        samples.addLast(new Sample(nanoTime, value));
        while (samples.size() > 2 && nanoTime - samples.getFirst().nanoTime() > WINDOW_NANOS) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        long nanos = nanoTime - first.nanoTime();
        return nanos <= 0 ? -1 : Math.max(0, (long) ((value - first.value()) * 1e9 / nanos));
    }

    private record Sample(long nanoTime, long value) {}
}
