package io.filereplication.pull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a worker: pulls to begin, files to hash, whole files to publish. Small files and bulk wait apart, each in
 * the order in which they came; who may take both takes what came first. Guarded by the table's lock.
 */
final class WorkQueue {
    private final int workers;
    private final PullQueue small = new PullQueue();
    private final PullQueue bulk = new PullQueue();
    private final PullQueue unverified = new PullQueue();
    private final Deque<Work.Whole> whole = new ArrayDeque<>();
    private int smallWhole;
    /** Of the last and of the first that came to one of the queues of pulls. */
    private long lastTurn;

    private long firstTurn;

    /** A queue that shares its pulls among so many workers. */
    WorkQueue(int workers) {
        this.workers = workers;
    }

    /** Pulls that wait to begin or to be hashed. */
    int depth() {
        return small.size() + bulk.size() + unverified.size();
    }

    /** Whether {@code pull} is one of {@link #depth()}. */
    boolean holds(Pull pull) {
        return pull.queue == small || pull.queue == bulk || pull.queue == unverified;
    }

    boolean hasSmallPulls() {
        return !small.isEmpty();
    }

    boolean hasBulkPulls() {
        return !bulk.isEmpty();
    }

    boolean hasSmallWhole() {
        return smallWhole > 0;
    }

    boolean hasBulkWhole() {
        return whole.size() > smallWhole;
    }

    void addLast(Pull pull) {
        pull.turn = ++lastTurn;
        queueOf(pull).addLast(pull);
    }

    void addFirst(Pull pull) {
        pull.turn = --firstTurn;
        queueOf(pull).addFirst(pull);
    }

    private PullQueue queueOf(Pull pull) {
        return PullBatch.isSmall(pull) ? small : bulk;
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
        smallWhole += PullBatch.isSmall(file.pull()) ? 1 : 0;
    }

    /** One whole file of bulk, or a fair share of the small ones; none when there is none that may be taken. */
    List<Work.Whole> takeWhole(boolean maySmall, boolean mayBulk) {
        int most = PullBatch.sizeFor(whole.size(), workers);
        List<Work.Whole> taken = new ArrayList<>();
        for (Iterator<Work.Whole> each = whole.iterator(); each.hasNext() && taken.size() < most; ) {
            Work.Whole next = each.next();
            boolean isSmall = PullBatch.isSmall(next.pull());
            if (isSmall ? maySmall : mayBulk && taken.isEmpty()) {
                each.remove();
                taken.add(next);
                smallWhole -= isSmall ? 1 : 0;
                if (!isSmall) {
                    break;
                }
            }
        }
        return taken;
    }

    /** Every whole file that nobody has taken, which are then forgotten here. */
    List<Work.Whole> drainWhole() {
        List<Work.Whole> rest = List.copyOf(whole);
        whole.clear();
        smallWhole = 0;
        return rest;
    }

    /** One pull of bulk, or a fair share of the small ones; none when there is none that may be taken. */
    List<Pull> takeBatch(boolean maySmall, boolean mayBulk) {
        Pull large = mayBulk ? bulk.first() : null;
        Pull first = maySmall ? small.first() : null;
        List<Pull> batch = new ArrayList<>();
        if (large != null && (first == null || large.turn < first.turn)) {
            bulk.remove(large);
            batch.add(large);
        } else if (first != null) {
            int most = PullBatch.sizeFor(small.size(), workers);
            for (Pull pull = small.pollFirst(); pull != null; pull = batch.size() < most ? small.pollFirst() : null) {
                batch.add(pull);
            }
        }
        return batch;
    }
}
