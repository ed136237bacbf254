package io.filereplication.pull;

import io.filereplication.FileEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a worker: pulls to begin, files to hash, whole files to publish. Small files and bulk have a lane each, with
 * bounds of its own; who may take from both takes what came first. Guarded by the table's lock.
 */
final class WorkQueue {
    private final Lane small;
    private final Lane bulk;
    /** Of the last and of the first that came to one of the queues of pulls. */
    private long lastTurn;

    private long firstTurn;

    /** A queue that shares its pulls among so many workers. */
    WorkQueue(int workers) {
        this.small = new Lane(workers, true);
        this.bulk = new Lane(workers, false);
    }

    /** Where a pull of {@code entry} waits. */
    Lane lane(FileEntry entry) {
        return PullBatch.isSmall(entry) ? small : bulk;
    }

    private Lane lane(Pull pull) {
        return lane(pull.entry());
    }

    /** Pulls that wait to begin or to be hashed. */
    int depth() {
        return small.depth() + bulk.depth();
    }

    boolean hasWhole() {
        return small.hasWhole() || bulk.hasWhole();
    }

    void addLast(Pull pull) {
        pull.turn = ++lastTurn;
        lane(pull).pulls.addLast(pull);
    }

    void addFirst(Pull pull) {
        pull.turn = --firstTurn;
        lane(pull).pulls.addFirst(pull);
    }

    /** Behind all others that wait to be hashed. */
    void hashLast(Pull pull) {
        pull.turn = ++lastTurn;
        lane(pull).unverified.addLast(pull);
    }

    /** Before all others that wait to be hashed; also when it is one of them. */
    void hashFirst(Pull pull) {
        PullQueue unverified = lane(pull).unverified;
        if (pull.queue == unverified) {
            unverified.remove(pull);
        }
        pull.turn = --firstTurn;
        unverified.addFirst(pull);
    }

    /** The next to be hashed, or null. */
    @Nullable
    Pull pollUnverified() {
        Pull next = earlier(small.unverified.first(), bulk.unverified.first());
        if (next != null) {
            lane(next).unverified.remove(next);
        }
        return next;
    }

    void publish(Work.Whole file) {
        lane(file.pull()).addWhole(file);
    }

    /** Whether there is something for one more worker. */
    boolean hasWork(boolean mayPull) {
        return small.hasWork(mayPull) || bulk.hasWork(mayPull);
    }

    /** What one more worker does, or null; whole files first. */
    @Nullable
    Work take(boolean mayPull) {
        if (small.mayPublish()) {
            return small.takeWhole();
        }
        if (bulk.mayPublish()) {
            return bulk.takeWhole();
        }
        Pull first = mayPull ? earlier(small.firstPull(), bulk.firstPull()) : null;
        return first == null ? null : lane(first).takePulls();
    }

    private static @Nullable Pull earlier(@Nullable Pull one, @Nullable Pull other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.turn < other.turn ? one : other;
    }

    /** Every whole file that nobody has taken, which are then forgotten here. */
    List<Work.Whole> drainWhole() {
        List<Work.Whole> rest = new ArrayList<>(small.drainWhole());
        rest.addAll(bulk.drainWhole());
        return rest;
    }
}
