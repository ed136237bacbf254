package io.filereplication.simulation;

/** One life of one node, or the world around the nodes: what is killed or stopped at once. Touched with the baton only. */
final class SimulatedProcess {
    private final String name;
    private boolean ended;
    private boolean stopped;
    private int tasks;

    SimulatedProcess(String name) {
        this.name = name;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Whether it gets no processor time at present, as after SIGSTOP. */
    boolean isStopped() {
        return stopped && !ended;
    }

    void stop(boolean is) {
        stopped = is;
    }

    /** From here on each of its tasks ends at its next step. */
    void end() {
        ended = true;
    }

    void taskBegan() {
        tasks++;
    }

    void taskEnded() {
        tasks--;
    }

    /** Whether the last of its tasks has unwound. */
    boolean isGone() {
        return ended && tasks == 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
