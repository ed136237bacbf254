package io.filereplication.metrics;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Metrics in the text format of Prometheus, version 0.0.4. Names begin with {@code file_replication_}, those of counters end
 * with {@code _total}; every line has the labels {@code node} and {@code group}.
 */
public final class PrometheusText {
    /** What a response with this text says it is. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String PREFIX = "file_replication_";

    private final StringBuilder text = new StringBuilder();

    private PrometheusText() {}

    /** The metrics of {@code groups}, each group at most once. */
    public static String of(Collection<GroupMetrics> groups) {
        PrometheusText written = new PrometheusText();
        Map<Map<String, String>, Observation> seen = new LinkedHashMap<>();
        groups.forEach(group -> seen.put(
                labels(
                        "node", group.member().getPeerId().toString(),
                        "group", group.member().getGroupId().toString()),
                group.observe()));
        Catalogue.all().forEach(metric -> written.family(metric, seen));
        return written.text.toString();
    }

    /** What {@code metric} is called in Prometheus. */
    public static String nameOf(Metric metric) {
        String name = PREFIX + metric.name();
        return metric.description().kind() == Metric.Kind.COUNTER ? name + "_total" : name;
    }

    private void family(Metric metric, Map<Map<String, String>, Observation> seen) {
        String name = nameOf(metric);
        Metric.Description description = metric.description();
        text.append("# HELP ").append(name).append(' ');
        escape(description.meaning(), false);
        text.append("\n# TYPE ").append(name).append(' ');
        text.append(description.kind().name().toLowerCase(Locale.ROOT)).append('\n');
        seen.forEach((labels, observation) -> {
            if (metric instanceof Metric.Durations durations) {
                histogram(name, labels, durations.counts().apply(observation.now()));
            } else if (metric instanceof Metric.Numbers numbers) {
                numbers.values().apply(observation).entrySet().stream()
                        .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                        .forEach(entry ->
                                sample(name, with(labels, description.labels(), entry.getKey()), entry.getValue()));
            }
        });
    }

    private void histogram(String name, Map<String, String> labels, DurationCounts counts) {
        long cumulative = 0;
        for (int i = 0; i < DurationCounts.BOUNDS_SECONDS.size(); i++) {
            cumulative += counts.buckets().get(i);
            sample(name + "_bucket", withBound(labels, number(DurationCounts.BOUNDS_SECONDS.get(i))), cumulative);
        }
        sample(name + "_bucket", withBound(labels, "+Inf"), counts.count());
        sample(name + "_sum", labels, counts.sumSeconds());
        sample(name + "_count", labels, counts.count());
    }

    private void sample(String name, Map<String, String> labels, Number value) {
        text.append(name);
        char before = '{';
        for (Map.Entry<String, String> label : labels.entrySet()) {
            text.append(before).append(label.getKey()).append("=\"");
            escape(label.getValue(), true);
            text.append('"');
            before = ',';
        }
        text.append("} ").append(number(value)).append('\n');
    }

    private static String number(Number value) {
        return value instanceof Double fraction
                ? BigDecimal.valueOf(fraction).stripTrailingZeros().toPlainString()
                : Long.toString(value.longValue());
    }

    private static Map<String, String> labels(String first, String firstValue, String second, String secondValue) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(first, firstValue);
        labels.put(second, secondValue);
        return labels;
    }

    private static Map<String, String> withBound(Map<String, String> labels, String bound) {
        return with(labels, List.of("le"), List.of(bound));
    }

    private static Map<String, String> with(Map<String, String> labels, List<String> names, List<String> values) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        for (int i = 0; i < names.size(); i++) {
            more.put(names.get(i), values.get(i));
        }
        return more;
    }

    private void escape(String raw, boolean isQuoted) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\') {
                text.append("\\\\");
            } else if (c == '\n') {
                text.append("\\n");
            } else if (c == '"' && isQuoted) {
                text.append("\\\"");
            } else {
                text.append(c);
            }
        }
    }
}
