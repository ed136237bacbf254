package io.filereplication.pull;

import java.util.List;
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
    private int onBulk;
    private int onSmall;
    private boolean paused;
    private boolean full;

    /** So many workers for {@code work}, of each kind. */
    Workforce(WorkQueue work, int workers) {
        this.work = work;
        this.most = workers;
    }

    /** Whether one more worker should begin, which is then one. */
    boolean claim() {
        boolean claimed = active <= most && hasWork();
        if (claimed) {
            active++;
        }
        return claimed;
    }

    /** A worker is none any more. */
    void release() {
        active--;
    }

    /** Whether there is no worker at all. */
    boolean isIdle() {
        return active == 0;
    }

    /** A worker is done with this. */
    void done(Work done) {
        if (done.isBulk()) {
            onBulk--;
        } else {
            onSmall--;
        }
    }

    private boolean hasWork() {
        return (mayTakeSmall() && (work.hasSmallWhole() || (mayPull() && work.hasSmallPulls())))
                || (mayTakeBulk() && (work.hasBulkWhole() || (mayPull() && work.hasBulkPulls())));
    }

    /** What a worker does next, or null; whole files first. */
    @Nullable
    Work take() {
        List<Work.Whole> whole = work.takeWhole(mayTakeSmall(), mayTakeBulk());
        Work taken = null;
        if (!whole.isEmpty()) {
            taken = new Work.Publish(whole);
        } else if (mayPull()) {
            List<Pull> pulls = work.takeBatch(mayTakeSmall(), mayTakeBulk());
            taken = pulls.isEmpty() ? null : new Work.Fetch(pulls);
        }
        if (taken != null && taken.isBulk()) {
            onBulk++;
        } else if (taken != null) {
            onSmall++;
        }
        return taken;
    }

    private boolean mayTakeSmall() {
        return onSmall < most;
    }

    private boolean mayTakeBulk() {
        return onBulk < most;
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
