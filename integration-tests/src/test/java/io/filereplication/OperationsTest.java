package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.metrics.Catalogue;
import io.filereplication.metrics.Metric;
import io.filereplication.metrics.PrometheusText;
import io.filereplication.plugin.FileReplicationConfigKeys;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/operations.md says of metrics and settings is true. */
class OperationsTest {
    private static final String DOCUMENT = "docs/operations.md";
    private static final Pattern IN_PROMETHEUS = Pattern.compile("file_replication_[a-z0-9_]+");
    private static final Pattern SETTING = Pattern.compile("`(file\\.replication\\.[a-z.-]+)`");

    /** With {@code -Dreadme.update} it writes the table instead. */
    @Test
    void tableOfMetricsIsThatOfTheCatalogue() throws Exception {
        if (System.getProperty("readme.update") != null) {
            Documents.replaceSection(DOCUMENT, "metrics", table());
        }

        assertThat(Documents.section(DOCUMENT, "metrics"))
                .as("the metrics in docs/operations.md; CONTRIBUTING.md says how to write them anew")
                .isEqualTo(table());
    }

    /** Those in the alerts first of all: one that does not exist never fires. */
    @Test
    void namesOnlyMetricsThatPrometheusIsShown() throws Exception {
        Set<String> shown =
                Catalogue.all().stream().flatMap(OperationsTest::shown).collect(Collectors.toSet());

        Set<String> named = IN_PROMETHEUS
                .matcher(Documents.read(DOCUMENT))
                .results()
                .map(found -> found.group())
                .filter(name -> !name.equals("file_replication_"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).hasSizeGreaterThan(8);
        assertThat(shown).containsAll(named);
    }

    @Test
    void namesOnlySettingsThatExist() throws Exception {
        String keys = Documents.section("README.md", "settings");

        List<String> unknown = SETTING.matcher(Documents.read(DOCUMENT))
                .results()
                .map(found -> found.group(1))
                .filter(key -> !keys.contains("`" + key + "`"))
                .toList();

        assertThat(unknown).isEmpty();
        assertThat(keys).contains(FileReplicationConfigKeys.Pull.WORKERS_KEY);
    }

    private static Stream<String> shown(Metric metric) {
        String name = PrometheusText.nameOf(metric);
        return metric.description().kind() == Metric.Kind.HISTOGRAM
                ? Stream.of(name + "_bucket", name + "_sum", name + "_count")
                : Stream.of(name);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| metric | kind | what it is | when to look, or to page |\n")
                .append("| --- | --- | --- | --- |\n");
        for (Metric metric : Catalogue.all()) {
            Metric.Description description = metric.description();
            table.append("| `").append(description.name()).append("` | ");
            table.append(description.kind().name().toLowerCase(Locale.ROOT));
            if (!description.labels().isEmpty()) {
                table.append(" by ").append(String.join(", ", description.labels()));
            }
            table.append(" | ").append(description.meaning());
            table.append(" | ").append(description.act()).append(" |\n");
        }
        return table.toString();
    }
}
