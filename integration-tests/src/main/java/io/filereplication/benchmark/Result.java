package io.filereplication.benchmark;

import java.util.Arrays;
import java.util.List;

/**
 * One line of a report.
 *
 * @param name as other programs read it; stays
 * @param value the median of the runs that count
 * @param min of those runs
 * @param max of those runs
 * @param runs how many count
 * @param goal in words that begin with a comparison, or empty for a figure that explains another
 */
record Result(String name, double value, String unit, double min, double max, int runs, String goal) {
    /** The result of {@code values}, of which there is at least one. */
    static Result of(String name, String unit, String goal, List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Result(name, median(sorted), unit, sorted[0], sorted[sorted.length - 1], sorted.length, goal);
    }

    /** A figure that was taken once. */
    static Result once(String name, String unit, String goal, double value) {
        return of(name, unit, goal, List.of(value));
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The value below which {@code part} of {@code values} are, which become sorted. */
    static double quantile(long[] values, double part) {
        Arrays.sort(values);
        int rank = (int) Math.ceil(part * values.length);
        return values[Math.max(0, Math.min(values.length - 1, rank - 1))];
    }
}
