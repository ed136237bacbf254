package io.filereplication.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus's text format 0.0.4, and refuses what a scraper might take amiss: stray lines, samples away from their
 * family, a series twice, counters without {@code _total}, histograms that do not add up.
 */
public final class PrometheusParser {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") ((?:[^\\\\]|\\\\\\\\|\\\\n)+)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)\\})? (-?[0-9.]+|NaN|[+-]Inf)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\\n]|\\\\\\\\|\\\\\"|\\\\n)*)\"(,|$)");

    /** A family's samples by their names and labels. */
    public record Family(String name, String help, String type, Map<Series, Double> samples) {}

    public record Series(String name, Map<String, String> labels) {}

    private final Map<String, Family> families = new LinkedHashMap<>();

    private PrometheusParser() {}

    /** The families in {@code text} by name; throws {@link AssertionError} for what is not as it should be. */
    public static Map<String, Family> parse(String text) {
        if (!text.isEmpty() && !text.endsWith("\n")) {
            throw new AssertionError("The last line has no end");
        }
        PrometheusParser parser = new PrometheusParser();
        parser.read(text.lines().toList());
        parser.families.values().forEach(PrometheusParser::check);
        return parser.families;
    }

    private void read(List<String> lines) {
        int at = 0;
        while (at < lines.size()) {
            Matcher help = matching(HELP, lines.get(at++));
            String next = at < lines.size() ? lines.get(at++) : "";
            Matcher type = matching(TYPE, next);
            Family family = new Family(help.group(1), help.group(2), type.group(2), new LinkedHashMap<>());
            if (!type.group(1).equals(family.name) || families.put(family.name, family) != null) {
                throw new AssertionError("Family " + family.name + " comes twice, or its type is " + next);
            }
            while (at < lines.size() && !lines.get(at).startsWith("#")) {
                sample(family, lines.get(at++));
            }
        }
    }

    private static Matcher matching(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.matches()) {
            throw new AssertionError("Not " + pattern + ": " + line);
        }
        return matcher;
    }

    private static void sample(Family family, String line) {
        Matcher sample = matching(SAMPLE, line);
        Series series = new Series(sample.group(1), labels(sample.group(2)));
        Set<String> allowed = family.type.equals("histogram")
                ? Set.of(family.name + "_bucket", family.name + "_sum", family.name + "_count")
                : Set.of(family.name);
        if (!allowed.contains(series.name)) {
            throw new AssertionError(series.name + " stands in " + family.name);
        }
        if (family.samples.put(series, value(sample.group(3))) != null) {
            throw new AssertionError("Twice: " + line);
        }
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        int at = 0;
        while (text != null && at < text.length()) {
            if (!label.find(at) || label.start() != at) {
                throw new AssertionError("Not labels: " + text);
            }
            if (labels.put(label.group(1), unescaped(label.group(2))) != null) {
                throw new AssertionError("A label twice: " + text);
            }
            at = label.end();
        }
        return labels;
    }

    private static String unescaped(String value) {
        return Pattern.compile("\\\\(.)")
                .matcher(value)
                .replaceAll(found -> Matcher.quoteReplacement(found.group(1).equals("n") ? "\n" : found.group(1)));
    }

    private static double value(String text) {
        return Double.parseDouble(text.replace("Inf", "Infinity"));
    }

    private static void check(Family family) {
        boolean isCounter = family.type.equals("counter");
        if (isCounter != family.name.endsWith("_total")) {
            throw new AssertionError(family.name + " is a " + family.type);
        }
        if (isCounter && family.samples.values().stream().anyMatch(value -> !(value >= 0))) {
            throw new AssertionError(family.name + " is below zero: " + family.samples);
        }
        if (family.type.equals("histogram")) {
            checkHistogram(family);
        }
    }

    private static void checkHistogram(Family family) {
        Map<Map<String, String>, List<Map.Entry<Double, Double>>> buckets = new LinkedHashMap<>();
        family.samples.forEach((series, value) -> {
            if (series.name.endsWith("_bucket")) {
                Map<String, String> others = new LinkedHashMap<>(series.labels);
                double bound = value(others.remove("le").replace("+", ""));
                buckets.computeIfAbsent(others, key -> new ArrayList<>()).add(Map.entry(bound, value));
            }
        });
        Set<Series> wanted = new HashSet<>();
        buckets.forEach((labels, own) -> {
            double bound = Double.NEGATIVE_INFINITY;
            double count = 0;
            for (Map.Entry<Double, Double> bucket : own) {
                if (bucket.getKey() <= bound || bucket.getValue() < count) {
                    throw new AssertionError(family.name + " falls: " + own);
                }
                bound = bucket.getKey();
                count = bucket.getValue();
            }
            Series total = new Series(family.name + "_count", labels);
            if (bound != Double.POSITIVE_INFINITY || !Double.valueOf(count).equals(family.samples.get(total))) {
                throw new AssertionError(family.name + " does not add up: " + own);
            }
            wanted.add(total);
            wanted.add(new Series(family.name + "_sum", labels));
        });
        family.samples.keySet().stream()
                .filter(series -> !series.name.endsWith("_bucket"))
                .forEach(series -> {
                    if (!wanted.remove(series)) {
                        throw new AssertionError("Without buckets: " + series);
                    }
                });
        if (!wanted.isEmpty()) {
            throw new AssertionError("Missing: " + wanted);
        }
    }
}
