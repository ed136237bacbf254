package io.filereplication.time;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One step for each of many items, shared with whichever workers of a scheduler are idle. The caller does whatever nobody
 * else has begun; so it never depends on a worker becoming free, and one that comes late finds nothing to do.
 *
 * <p>Meant for waiting, not for computing: a disk makes many fsyncs durable in about the time of one. Nobody is asked before
 * a step was seen to be slow, since waking others costs more than an fsync in memory.
 */
final class SharedLoop<T> {
    /** Threads that take part at most, the caller included. */
    static final int MAX_THREADS = 8;
    /** A step that takes this long is worth sharing. */
    static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final List<T> items;
    private final Consumer<T> step;
    private final Scheduler scheduler;
    // Guarded by this.
    private int next;
    private int taking;
    private boolean shared;
    private @Nullable RuntimeException failure;

    private SharedLoop(List<T> items, Consumer<T> step, Scheduler scheduler) {
        this.items = items;
        this.step = step;
        this.scheduler = scheduler;
    }

    /**
     * Returns when {@code step} has ended for every item. When one throws, no other is begun, and it is thrown here after those
     * that are running have ended. An interrupt does not end the wait for others, and is still set on return.
     */
    static <T> void run(List<T> items, Scheduler scheduler, Consumer<T> step) {
        SharedLoop<T> loop = new SharedLoop<>(items, step, scheduler);
        loop.take();
        loop.awaitOthers();
    }

    private void take() {
        enter();
        boolean completed = false;
        try {
            for (T item = nextItem(); item != null; item = nextItem()) {
                long begun = scheduler.nanoTime();
                step.accept(item);
                if (scheduler.nanoTime() - begun >= SLOW_NANOS) {
                    share();
                }
            }
            completed = true;
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            exit(completed);
        }
    }

    private synchronized @Nullable T nextItem() {
        return next < items.size() ? items.get(next++) : null;
    }

    private void share() {
        int left;
        synchronized (this) {
            left = shared ? 0 : items.size() - next;
            shared = true;
        }
        boolean mayBeIdle = true; // nobody is when too many tasks wait already
        for (int i = 0; i < Math.min(left, MAX_THREADS - 1) && mayBeIdle; i++) {
            mayBeIdle = scheduler.tryExecute(this::take);
        }
    }

    private synchronized void enter() {
        taking++;
    }

    private synchronized void exit(boolean completed) {
        next = completed ? next : items.size();
        taking--;
        notifyAll();
    }

    private synchronized void failed(RuntimeException e) {
        failure = failure == null ? e : failure;
    }

    private synchronized void awaitOthers() {
        boolean interrupted = false;
        while (taking > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
