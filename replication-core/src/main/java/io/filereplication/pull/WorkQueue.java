package io.filereplication.pull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a worker: pulls to begin, files to hash, whole files to publish. Whole files go first, because they hold
 * staged bytes and what readers wait for is nearest there. Guarded by the board's lock.
 */
final class WorkQueue {
    private final int workers;
    private final PullQueue queued = new PullQueue();
    private final PullQueue unverified = new PullQueue();
    private final Deque<Work.Whole> whole = new ArrayDeque<>();

    /** A queue that shares its pulls among so many workers. */
    WorkQueue(int workers) {
        this.workers = workers;
    }

    /** Pulls that wait to begin or to be hashed. */
    int depth() {
        return queued.size() + unverified.size();
    }

    /** Whether {@code pull} is one of {@link #depth()}. */
    boolean holds(Pull pull) {
        return pull.queue == queued || pull.queue == unverified;
    }

    boolean hasPulls() {
        return !queued.isEmpty();
    }

    boolean hasWhole() {
        return !whole.isEmpty();
    }

    void addLast(Pull pull) {
        queued.addLast(pull);
    }

    void addFirst(Pull pull) {
        queued.addFirst(pull);
    }

    void verifyLast(Pull pull) {
        unverified.addLast(pull);
    }

    /** Before all others that wait to be hashed; also when it is one of them. */
    void verifyFirst(Pull pull) {
        if (pull.queue == unverified) {
            unverified.remove(pull);
        }
        unverified.addFirst(pull);
    }

    @Nullable
    Pull pollUnverified() {
        return unverified.pollFirst();
    }

    void publish(Work.Whole file) {
        whole.addLast(file);
    }

    /** One whole file of any size, or a fair share of the small ones at the head; none when there is none. */
    List<Work.Whole> takeWhole() {
        int most = PullBatch.sizeFor(whole.size(), workers);
        List<Work.Whole> taken = new ArrayList<>();
        for (Work.Whole next = whole.peekFirst(); next != null && taken.size() < most; next = whole.peekFirst()) {
            boolean together =
                    taken.isEmpty() || (PullBatch.isSmall(taken.get(0).pull()) && PullBatch.isSmall(next.pull()));
            if (!together) {
                break;
            }
            taken.add(whole.removeFirst());
        }
        return taken;
    }

    /** Every whole file that nobody has taken, which are then forgotten here. */
    List<Work.Whole> drainWhole() {
        List<Work.Whole> rest = List.copyOf(whole);
        whole.clear();
        return rest;
    }

    /** One pull of any size, or a fair share of the small ones near the head. */
    List<Pull> takeBatch() {
        int most = PullBatch.sizeFor(queued.size(), workers);
        List<Pull> batch = new ArrayList<>();
        Pull pull = queued.first();
        for (int looked = 0; pull != null && looked < PullBatch.LOOK_AHEAD && batch.size() < most; looked++) {
            Pull next = pull.next;
            if (batch.isEmpty() || PullBatch.isSmall(pull)) {
                batch.add(pull);
            }
            pull = batch.size() == 1 && !PullBatch.isSmall(batch.get(0)) ? null : next;
        }
        batch.forEach(queued::remove);
        return batch;
    }
}
