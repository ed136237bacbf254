package io.filereplication.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The runs of one measurement. A run during which others used more than {@link #QUIET} of the machine is repeated, within a
 * bound; when none was quiet, all count and {@link #foreignCpu} says so.
 */
final class Runs<T> {
    /** The share of the machine that others may have in a run that counts. */
    static final double QUIET = 0.1;

    private final List<T> values = new ArrayList<>();
    private double foreignCpu;

    private Runs() {}

    /** One run. */
    @FunctionalInterface
    interface Run<T> {
        T measure() throws Exception;
    }

    /** Measures until {@code wanted} runs were quiet, at most {@code atMost} times. */
    static <T> Runs<T> of(int wanted, int atMost, Run<T> run) throws Exception {
        Runs<T> quiet = new Runs<>();
        Runs<T> noisy = new Runs<>();
        for (int i = 0; i < atMost && quiet.values.size() < wanted; i++) {
            CpuUse before = CpuUse.now();
            T value = run.measure();
            double foreign = CpuUse.now().foreignSince(before);
            (foreign <= QUIET ? quiet : noisy).add(value, foreign);
        }
        return quiet.values.isEmpty() ? noisy : quiet;
    }

    private void add(T value, double foreign) {
        values.add(value);
        foreignCpu = Math.max(foreignCpu, foreign);
    }

    /** The share that others had in the noisiest run that counts. */
    double foreignCpu() {
        return foreignCpu;
    }

    List<T> values() {
        return List.copyOf(values);
    }

    /** One figure of each run that counts. */
    List<Double> each(ToDoubleFunction<T> figure) {
        return values.stream().map(figure::applyAsDouble).toList();
    }
}
