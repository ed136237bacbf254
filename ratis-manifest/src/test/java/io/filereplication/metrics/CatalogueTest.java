package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of metrics is whole, each shows what it says, and no name is used twice. */
class CatalogueTest {
    private static final Reading BEFORE = Readings.from(1_000);
    private static final Observation SEEN = new Observation(Readings.from(2_000), BEFORE, 10);

    @Test
    void namesAreDifferentAndPlain() {
        List<String> names = Catalogue.all().stream().map(Metric::name).toList();

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z][a-z0-9_]*[a-z0-9]"));
        assertThat(names.stream().filter(name -> name.matches(".*_(count|sum|bucket|total|mean|p\\d+)")))
                .as("endings that are added where they belong")
                .isEmpty();
    }

    @Test
    void everyMetricSaysWhatItMeansInOneSentence() {
        assertThat(Catalogue.all().stream().map(Metric::description))
                .allSatisfy(description -> assertThat(description.meaning())
                        .matches("(?s)[A-Z0-9][^\n|]{10,}[^.\\s]")
                        .doesNotContain("  "))
                .allSatisfy(description ->
                        assertThat(description.act()).doesNotContain("|").doesNotEndWith("."));
    }

    /** Lesson 28. */
    @Test
    void everyStatisticOfThePullerIsAMetricOfItsName() {
        Map<String, Number> shown = single();
        Map<String, Long> statistics = SEEN.now().pull().toMap();
        List<String> wrong = new ArrayList<>();
        statistics.forEach((name, value) -> {
            String metric = name.replaceFirst("_at$", "_timestamp_seconds").replaceFirst("_ms$", "_seconds");
            boolean isTime = !metric.equals(name);
            double wanted = isTime ? value / 1e3 : value;
            if (!shown.containsKey(metric) || shown.get(metric).doubleValue() != wanted) {
                wrong.add(name + " = " + value + ", shown " + shown.get(metric));
            }
        });

        assertThat(wrong).isEmpty();
    }

    /** Lesson 28. Reasons and kinds are labels; sums over all of them are a scraper's business. */
    @Test
    void everyStatisticOfTheServerIsAMetricOfItsName() {
        Map<String, Number> shown = new HashMap<>(single());
        for (String labelled : List.of("serve_refused", "serve_auth_failure")) {
            numbers(labelled).forEach((labels, value) -> shown.put(labelled + "_" + labels.get(0), value));
        }
        List<String> wrong = new ArrayList<>();
        SEEN.now().serve().toMap().forEach((name, value) -> {
            if (!value.equals(shown.getOrDefault("serve_" + name, -1).longValue())) {
                wrong.add(name + " = " + value + ", shown " + shown.get("serve_" + name));
            }
        });

        assertThat(wrong).allMatch(each -> each.matches("(refused|auth_failure) = .*"));
    }

    private static Map<List<String>, Number> numbers(String name) {
        return Catalogue.all().stream()
                .filter(metric -> metric.name().equals(name))
                .map(metric -> ((Metric.Numbers) metric).values().apply(SEEN))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Every number of a reading is another one, and each of them is shown by some metric, but for where applying began, which
     * only tests want to know, and for what a server never finds.
     */
    @Test
    void noNumberOfAReadingIsLeftOut() {
        List<Number> shown = new ArrayList<>();
        for (Metric metric : Catalogue.all()) {
            if (metric instanceof Metric.Numbers numbers) {
                shown.addAll(numbers.values().apply(SEEN).values());
            }
        }

        List<String> left = new ArrayList<>();
        String wanted = "(?!\\.manifest\\.firstApplied|\\.serve\\.authFailures\\..*ANSWER).*";
        Readings.numbers(SEEN.now()).forEach((where, value) -> {
            boolean isShown = shown.stream()
                    .anyMatch(number -> number.doubleValue() == value || number.doubleValue() == value / 1e3);
            if (!isShown && where.matches(wanted)) {
                left.add(where);
            }
        });
        assertThat(left).isEmpty();
    }

    @Test
    void aRateIsTheGrowthPerSecond() {
        assertThat(single().get("pulled_per_second")).isEqualTo(100.0);
        assertThat(new Observation(BEFORE, BEFORE, 0)
                        .perSecond(reading -> reading.pull().pulled()))
                .as("before there is anything to compare with")
                .isZero();
    }

    private static Map<String, Number> single() {
        return Catalogue.all().stream()
                .filter(metric -> metric.description().labels().isEmpty())
                .filter(Metric.Numbers.class::isInstance)
                .collect(Collectors.toMap(
                        Metric::name,
                        metric -> ((Metric.Numbers) metric).values().apply(SEEN).get(List.of())));
    }
}
