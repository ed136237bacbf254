package io.filereplication.pull;

import org.jspecify.annotations.Nullable;

/**
 * How many workers there are and what each takes next. Guarded by the table's lock.
 *
 * <p>{@link PullerConfig#workers()} may be busy with bulk, and as many with small files, but only one more than that with both:
 * whatever one kind does, there is a worker for the other. A small file never waits until bulk has been received, nor the
 * other way round, and of one kind alone there are never more than the setting says.
 */
final class Workforce {
    private final WorkQueue work;
    private final int most;
    private int active;
    /** Of the active ones those that have not asked for work yet: one is enough, because whoever takes some calls the next. */
    private int coming;

    private boolean paused;
    private boolean full;

    /** So many workers for {@code work}, of each kind. */
    Workforce(WorkQueue work, int workers) {
        this.work = work;
        this.most = workers;
    }

    /** Whether one more worker should begin, which is then one, and asks once with {@link #arrived} before it takes something. */
    boolean call() {
        boolean called = coming == 0 && active <= most && work.hasWork(mayPull());
        if (called) {
            active++;
            coming++;
        }
        return called;
    }

    /** A worker that was called is here. */
    void arrived() {
        coming--;
    }

    /** A worker is none any more. */
    void release() {
        active--;
    }

    /** Whether there is no worker at all. */
    boolean isIdle() {
        return active == 0;
    }

    /** What a worker does next, or null. */
    @Nullable
    Work take() {
        return work.take(mayPull());
    }

    private boolean mayPull() {
        return !paused && !full;
    }

    /** Whether no pull begins. */
    boolean isHeld() {
        return !mayPull();
    }

    boolean isPaused() {
        return paused;
    }

    /** True when this is news. */
    boolean pause(boolean is) {
        boolean news = paused != is;
        paused = is;
        return news;
    }

    boolean isFull() {
        return full;
    }

    /** Whether the storage is full, so that no pull begins; true when this is news. */
    boolean full(boolean is) {
        boolean news = full != is;
        full = is;
        return news;
    }
}
