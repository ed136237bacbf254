package io.filereplication.storage;

import java.util.ArrayList;
import java.util.List;

/** What one life of a {@link MemoryStorage} has changed, step by step, and at which step it ends. Guarded by the disk's monitor. */
final class MemorySteps {
    private final List<String> done = new ArrayList<>();
    private long crashAt = Long.MAX_VALUE;
    private boolean dead;
    private boolean closed;

    /** From the step with this number on, counted from 1, nothing is done any more. */
    void crashAt(long step) {
        crashAt = step;
    }

    void die() {
        dead = true;
    }

    void close() {
        closed = true;
    }

    List<String> done() {
        return List.copyOf(done);
    }

    /** Something is looked at. */
    void alive() {
        if (dead || done.size() >= crashAt) {
            dead = true;
            throw new SimulatedCrash("the storage is gone");
        }
        if (closed) {
            throw new IllegalStateException("The storage is closed");
        }
    }

    /** Something is about to be changed. */
    void step(String step) {
        alive();
        if (done.size() + 1 >= crashAt) {
            dead = true;
            throw new SimulatedCrash(step);
        }
        done.add(step);
    }
}
