package io.filereplication.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Something that is measured: its name, what it means, and how it is read. */
public sealed interface Metric {
    /** How a number behaves over time. */
    enum Kind {
        /** Only grows, from zero, as long as the process lives. */
        COUNTER,
        /** Of this moment. */
        GAUGE,
        /** Durations, counted in buckets. */
        HISTOGRAM
    }

    /**
     * What an operator needs to know.
     *
     * @param name lower case with underscores, its unit last; the same in Ratis's metrics, in JMX and in the documents
     * @param labels what tells the numbers of this metric apart, such as {@code peer}; empty when there is one number
     * @param meaning one sentence without a full stop
     * @param act when somebody should look, or be woken, and why; may be empty
     */
    record Description(String name, Kind kind, List<String> labels, String meaning, String act) {
        public Description {
            labels = List.copyOf(labels);
        }
    }

    Description description();

    /** {@code name()} of its description. */
    default String name() {
        return description().name();
    }

    /** Numbers by the values of the labels, in the order of the labels; of a metric without labels there is a single one. */
    record Numbers(Description description, Function<Observation, Map<List<String>, Number>> values)
            implements Metric {}

    /** A distribution of durations. */
    record Durations(Description description, Function<Reading, DurationCounts> counts) implements Metric {}

    static Metric counter(String name, String meaning, String act, ToLongFunction<Reading> value) {
        return new Numbers(
                new Description(name, Kind.COUNTER, List.of(), meaning, act),
                seen -> Map.of(List.of(), value.applyAsLong(seen.now())));
    }

    static Metric gauge(String name, String meaning, String act, ToLongFunction<Reading> value) {
        return new Numbers(
                new Description(name, Kind.GAUGE, List.of(), meaning, act),
                seen -> Map.of(List.of(), value.applyAsLong(seen.now())));
    }

    /** A gauge in fractions: of a second, of a share. */
    static Metric fraction(String name, String meaning, String act, ToDoubleFunction<Reading> value) {
        return new Numbers(
                new Description(name, Kind.GAUGE, List.of(), meaning, act),
                seen -> Map.of(List.of(), value.applyAsDouble(seen.now())));
    }

    /** How much {@code counted} grew per second, over about the last minute. */
    static Metric rate(String name, String meaning, ToLongFunction<Reading> counted) {
        return new Numbers(
                new Description(name, Kind.GAUGE, List.of(), meaning + ", over the last minute", ""),
                seen -> Map.of(List.of(), seen.perSecond(counted)));
    }

    /** A counter for each of the labels' values. */
    static Metric counters(
            String name,
            List<String> labels,
            String meaning,
            String act,
            Function<Reading, Map<List<String>, Number>> values) {
        return new Numbers(new Description(name, Kind.COUNTER, labels, meaning, act), seen -> values.apply(seen.now()));
    }

    /** A gauge for each of the labels' values. */
    static Metric gauges(
            String name,
            List<String> labels,
            String meaning,
            String act,
            Function<Reading, Map<List<String>, Number>> values) {
        return new Numbers(new Description(name, Kind.GAUGE, labels, meaning, act), seen -> values.apply(seen.now()));
    }

    static Metric durations(String name, String meaning, String act, Function<Reading, DurationCounts> counts) {
        return new Durations(new Description(name, Kind.HISTOGRAM, List.of(), meaning, act), counts);
    }
}
