package io.filereplication.benchmark;

import java.io.IOException;

/**
 * What something took.
 *
 * @param seconds as it was timed; NaN when it was not done
 * @param cpuSeconds of this process and everything that it started, meanwhile
 */
record Taken(double seconds, double cpuSeconds) {
    /** What was not done. */
    static final Taken NOTHING = new Taken(Double.NaN, Double.NaN);

    /** Something that answers how many seconds it took. */
    @FunctionalInterface
    interface Timed {
        double seconds() throws IOException, InterruptedException;
    }

    static Taken of(Timed timed) throws IOException, InterruptedException {
        CpuUse before = CpuUse.now();
        double seconds = timed.seconds();
        return new Taken(seconds, CpuUse.now().ownSecondsSince(before));
    }

    /** How many times as long as {@code other} this took. */
    double over(Taken other) {
        return seconds / other.seconds;
    }
}
