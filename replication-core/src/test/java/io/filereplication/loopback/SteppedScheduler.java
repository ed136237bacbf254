package io.filereplication.loopback;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler whose time stands still until a test, or a task that sleeps, lets it pass. Tasks run on the thread that lets
 * time pass, in the order in which they are due.
 */
public final class SteppedScheduler implements Scheduler {
    private final List<Task> tasks = new ArrayList<>();
    private long now = 1_000;
    private long order;
    private boolean refuseNext;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public void execute(Runnable task) {
        if (refusesNow()) {
            throw new RejectedExecutionException("expected by the test");
        }
        schedule(Duration.ZERO, task);
    }

    @Override
    public synchronized Cancellable schedule(Duration delay, Runnable task) {
        Task due = new Task(now + Math.max(0, delay.toNanos()), order++, task);
        tasks.add(due);
        return () -> remove(due);
    }

    /** Refuses the next task for a worker, as a scheduler with too many does. */
    public synchronized void refuseNext() {
        refuseNext = true;
    }

    private synchronized boolean refusesNow() {
        boolean refuses = refuseNext;
        refuseNext = false;
        return refuses;
    }

    private synchronized void remove(Task task) {
        tasks.remove(task);
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        advance(duration);
    }

    /** Lets this much time pass and runs what becomes due. */
    public void advance(Duration duration) {
        long until = nanoTime() + duration.toNanos();
        for (Task task = takeDue(until); task != null; task = takeDue(until)) {
            task.run.run();
        }
        synchronized (this) {
            now = Math.max(now, until);
        }
    }

    private synchronized @Nullable Task takeDue(long until) {
        Task first = tasks.stream()
                .min(Comparator.comparingLong(Task::atNanos).thenComparingLong(Task::order))
                .orElse(null);
        if (first == null || first.atNanos > until) {
            return null;
        }
        tasks.remove(first);
        now = Math.max(now, first.atNanos);
        return first;
    }

    /** How many tasks are still to run. */
    public synchronized int pending() {
        return tasks.size();
    }

    @Override
    public synchronized void close() {
        tasks.clear();
    }

    private record Task(long atNanos, long order, Runnable run) {}
}
