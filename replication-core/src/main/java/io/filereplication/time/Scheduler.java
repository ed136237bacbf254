package io.filereplication.time;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Runs tasks now or later. The production implementation has one timer thread and a bounded pool of workers; a simulation
 * runs every task itself, one at a time, over virtual time.
 *
 * <p>Thread-safe. A task that throws is logged and never stops the scheduler.
 */
public interface Scheduler extends Ticker, AutoCloseable {
    /** After this somebody asks again for whom there was no room. */
    Duration WHEN_FULL = Duration.ofMillis(100);

    /** Runs {@code task}, which may block on I/O, on a worker as soon as one is free. Dropped after {@link #close()}. */
    void execute(Runnable task);

    /** {@link #execute}; false, and nothing done, when too many tasks wait already. */
    default boolean tryExecute(Runnable task) {
        try {
            execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /**
     * {@link #execute} for what must not be lost: while too many tasks wait, it is tried again after {@link #WHEN_FULL} each time. Never
     * refused.
     */
    default void executeSoon(Runnable task) {
        if (!tryExecute(task)) {
            schedule(WHEN_FULL, () -> executeSoon(task));
        }
    }

    /** Runs {@code task}, which must not block, on the timer thread after {@code delay}. Dropped after {@link #close()}. */
    Cancellable schedule(Duration delay, Runnable task);

    /** Blocks the calling worker for {@code duration}; a simulation lets others run meanwhile. */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Does {@code step} for each of {@code items}, and returns when it has ended for all. Meant for steps that wait, as for a disk: the
     * production implementation lets idle workers do some of them at the same time. When one throws, no other is begun, and it is
     * thrown here. An interrupt does not end it, and is still set on return.
     */
    default <T> void forEach(List<T> items, Consumer<T> step) {
        items.forEach(step);
    }

    /** Interrupts running tasks, forgets the others and waits, within a bound, until every thread has ended. Idempotent. */
    @Override
    void close();

    /** A task that has been scheduled. */
    @FunctionalInterface
    interface Cancellable {
        /** Keeps the task from starting, if it has not started. Idempotent. */
        void cancel();
    }
}
