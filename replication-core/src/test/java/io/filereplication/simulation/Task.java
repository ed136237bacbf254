package io.filereplication.simulation;

import org.jspecify.annotations.Nullable;

/** Something that runs, or waits to. Touched with the baton only. */
final class Task implements Comparable<Task> {
    enum State {
        RUNNABLE,
        BLOCKED,
        ENDED
    }

    final long id;
    final String name;
    final SimulatedProcess process;
    final Runnable body;
    State state = State.RUNNABLE;
    /** The thread that carries it, once it has begun. */
    @Nullable
    Carrier carrier;
    /** What it waits for; null when it only waits for time. */
    @Nullable
    Signal waitsFor;

    Kernel.@Nullable Alarm alarm;
    /** Whether an interrupt came while another task was running. */
    boolean interruptPending;
    /** How often it was told that its process has ended. */
    int toldItsEnd;
    /** What the checkers want to know of the port call that it is in. */
    @Nullable
    Errand errand;

    Task(long id, String name, SimulatedProcess process, Runnable body) {
        this.id = id;
        this.name = name;
        this.process = process;
        this.body = body;
    }

    @Override
    public int compareTo(Task other) {
        return Long.compare(id, other.id);
    }

    @Override
    public String toString() {
        return process + "/" + name + "#" + id;
    }
}
