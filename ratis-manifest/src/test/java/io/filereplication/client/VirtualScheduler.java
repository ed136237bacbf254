package io.filereplication.client;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;

/** Runs everything on the test's thread, when the test says so, over a time that the test moves. */
final class VirtualScheduler implements Scheduler {
    private record Timer(long at, long order, Runnable task) {}

    private final Deque<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::order));
    private long now;
    private long order;
    /** As if so many tasks waited that no more are taken. */
    boolean full;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void execute(Runnable task) {
        if (full) {
            throw new RejectedExecutionException("full");
        }
        ready.add(task);
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        Timer timer = new Timer(now + delay.toNanos(), order++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public void sleep(Duration duration) {
        throw new UnsupportedOperationException("Nobody sleeps here");
    }

    /** Runs what can run now. */
    void runReady() {
        for (Runnable task = ready.poll(); task != null; task = ready.poll()) {
            task.run();
        }
    }

    /** Lets {@code duration} pass. */
    void pass(Duration duration) {
        long end = now + duration.toNanos();
        runReady();
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer due = timers.remove();
            now = Math.max(now, due.at());
            due.task().run();
            runReady();
        }
        now = end;
    }

    int timers() {
        return timers.size();
    }

    @Override
    public void close() {
        ready.clear();
        timers.clear();
    }
}
