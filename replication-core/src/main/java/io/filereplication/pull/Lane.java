package io.filereplication.pull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of pulls, small files or bulk, and what of it waits for a worker: pulls to begin and files to hash, which count towards
 * {@link PullerConfig#queueSize()}, and whole files to publish. No more than {@link PullerConfig#workers()} are at it at a time.
 * Guarded by the table's lock.
 */
final class Lane {
    final PullQueue pulls = new PullQueue();
    final PullQueue unverified = new PullQueue();

    private final Deque<Work.Whole> whole = new ArrayDeque<>();
    private final int workers;
    private final boolean shares;
    private int busy;

    /** For so many workers; {@code shares} when several files make one piece of work. */
    Lane(int workers, boolean shares) {
        this.workers = workers;
        this.shares = shares;
    }

    /** Pulls that wait to begin or to be hashed. */
    int depth() {
        return pulls.size() + unverified.size();
    }

    /** Whether {@code pull} is one of {@link #depth()}. */
    boolean holds(Pull pull) {
        return pull.queue == pulls || pull.queue == unverified;
    }

    boolean hasWhole() {
        return !whole.isEmpty();
    }

    void addWhole(Work.Whole file) {
        whole.addLast(file);
    }

    /** Whether there is something for one more worker. */
    boolean hasWork(boolean mayPull) {
        return mayPublish() || (mayPull && firstPull() != null);
    }

    /** Whether a worker may publish something. */
    boolean mayPublish() {
        return busy < workers && hasWhole();
    }

    /** The pull that a worker may begin next, or null. */
    @Nullable
    Pull firstPull() {
        return busy < workers ? pulls.first() : null;
    }

    /** Files for one worker to publish, who is then at it. */
    Work.Publish takeWhole() {
        busy++;
        List<Work.Whole> taken = new ArrayList<>();
        for (int left = share(whole.size()); left > 0; left--) {
            taken.add(whole.removeFirst());
        }
        return new Work.Publish(this, taken);
    }

    /** Pulls for one worker to begin, who is then at it. */
    Work.Fetch takePulls() {
        busy++;
        List<Pull> taken = new ArrayList<>();
        int most = share(pulls.size());
        for (Pull pull = pulls.pollFirst(); pull != null; pull = taken.size() < most ? pulls.pollFirst() : null) {
            taken.add(pull);
        }
        return new Work.Fetch(this, taken);
    }

    private int share(int waiting) {
        return shares ? Math.min(waiting, PullBatch.sizeFor(waiting, workers)) : 1;
    }

    /** A worker is done with what it took. */
    void done() {
        busy--;
    }

    /** Every whole file that nobody has taken, which are then forgotten here. */
    List<Work.Whole> drainWhole() {
        List<Work.Whole> rest = List.copyOf(whole);
        whole.clear();
        return rest;
    }
}
