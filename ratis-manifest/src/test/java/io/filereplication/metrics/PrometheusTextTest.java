package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.testing.PrometheusParser;
import io.filereplication.time.ManualScheduler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scraper reads, read again by a parser that forgives nothing. */
class PrometheusTextTest {
    private static final Path DOCUMENT = Path.of("../docs/operations.md");
    /** A metric as an alert names it, with what it wants of its labels. */
    private static final Pattern SELECTED = Pattern.compile("(file_replication_[a-z0-9_]+[a-z0-9])(?:\\{([^}]*)})?");

    private static final Pattern MATCHER = Pattern.compile("([a-z_]+)(=|!=|=~|!~)\"([^\"]*)\"");
    /** A line of the table of metrics: the name, and its kind with its labels. */
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| (counter|gauge|histogram)(?: by ([a-z, ]+))? \\|");

    private final ManualScheduler time = new ManualScheduler();

    @Test
    void everyMetricIsAFamilyWithTheGroupsNumbers() {
        GroupMetrics first = group("n1", Readings.from(1_000));
        GroupMetrics second = group("n1", Readings.from(5_000));

        Map<String, PrometheusParser.Family> families =
                PrometheusParser.parse(PrometheusText.of(List.of(first, second)));

        assertThat(families.keySet())
                .containsExactlyElementsOf(
                        Catalogue.all().stream().map(PrometheusText::nameOf).toList());
        Map<PrometheusParser.Series, Double> pulled =
                families.get("file_replication_pulled_total").samples();
        assertThat(pulled)
                .containsOnly(
                        Map.entry(series("file_replication_pulled_total", first), (double)
                                first.observe().now().pull().pulled()),
                        Map.entry(series("file_replication_pulled_total", second), (double)
                                second.observe().now().pull().pulled()));
    }

    /** An alert on a metric, or on a label, that is not there never fires. */
    @Test
    void everyMetricAndLabelThatTheDocumentSelectsIsExported() throws Exception {
        Map<String, PrometheusParser.Family> families =
                PrometheusParser.parse(PrometheusText.of(List.of(group("n1", Readings.from(1_000)))));
        List<PrometheusParser.Series> all = families.values().stream()
                .flatMap(family -> family.samples().keySet().stream())
                .toList();
        List<String> missing = new ArrayList<>();
        int selected = 0;
        Matcher metric = SELECTED.matcher(Files.readString(DOCUMENT));
        while (metric.find()) {
            selected++;
            List<PrometheusParser.Series> named = all.stream()
                    .filter(series -> series.name().equals(metric.group(1)))
                    .toList();
            if (named.isEmpty()) {
                missing.add(metric.group(1));
            }
            Matcher label = MATCHER.matcher(metric.group(2) == null ? "" : metric.group(2));
            while (label.find()) {
                if (named.stream()
                        .noneMatch(
                                series -> label.group(3).equals(series.labels().get(label.group(1))))) {
                    missing.add(metric.group(1) + " with " + label.group());
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(selected).isGreaterThan(10);
    }

    @Test
    void everyMetricOfTheDocumentsTableIsExportedWithItsKindAndLabels() throws Exception {
        Map<String, PrometheusParser.Family> families =
                PrometheusParser.parse(PrometheusText.of(List.of(group("n1", Readings.from(1_000)))));
        int rows = 0;
        Matcher row = ROW.matcher(Files.readString(DOCUMENT));
        while (row.find()) {
            rows++;
            String kind = row.group(2);
            String name = "file_replication_" + row.group(1) + (kind.equals("counter") ? "_total" : "");
            Set<String> labels = new TreeSet<>(Set.of("node", "group"));
            if (row.group(3) != null) {
                labels.addAll(List.of(row.group(3).split(", ")));
            }

            assertThat(families).containsKey(name);
            assertThat(families.get(name).type()).as(name).isEqualTo(kind);
            assertThat(families.get(name).samples().keySet())
                    .as(name)
                    .isNotEmpty()
                    .allSatisfy(series -> {
                        Set<String> own = new TreeSet<>(series.labels().keySet());
                        own.remove("le");
                        assertThat(own).isEqualTo(labels);
                    });
        }

        assertThat(rows).isEqualTo(families.size());
    }

    @Test
    void aDistributionIsAHistogramInSeconds() {
        GroupMetrics group = group("n1", Readings.from(1));

        PrometheusParser.Family family = PrometheusParser.parse(PrometheusText.of(List.of(group)))
                .get("file_replication_client_proposal_seconds");

        assertThat(family.type()).isEqualTo("histogram");
        assertThat(family.samples().keySet().stream()
                        .map(series -> series.labels().get("le"))
                        .filter(bound -> bound != null))
                .startsWith("0.0001", "0.0002", "0.0005", "0.001")
                .endsWith("500", "1000", "+Inf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a\\", "a\\n", "ü{}", "x,y=\"z\""})
    void namesOfPeersComeThroughWhateverIsInThem(String peer) {
        GroupMetrics group = group(peer, Readings.from(1, peer));

        PrometheusParser.Family family = PrometheusParser.parse(PrometheusText.of(List.of(group)))
                .get("file_replication_serve_peer_bytes_total");

        assertThat(family.samples().keySet())
                .singleElement()
                .satisfies(series ->
                        assertThat(series.labels()).containsEntry("peer", peer).containsEntry("node", peer));
    }

    /** A parser that takes everything would prove nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a 1\n",
                "# HELP a x\n# TYPE a gauge\na 1",
                "# HELP a x\n# TYPE b gauge\n",
                "# HELP a x\n# TYPE a gauge\nb 1\n",
                "# HELP a x\n# TYPE a gauge\na 1\na 2\n",
                "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
                "# HELP a x\n# TYPE a gauge\na{b=\"c\\d\"} 1\n",
                "# HELP a x\n# TYPE a counter\na 1\n",
                "# HELP a_total x\n# TYPE a_total counter\na_total -1\n",
                "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
                "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
                "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n",
            })
    void theParserIsStrict(String text) {
        assertThatThrownBy(() -> PrometheusParser.parse(text)).isInstanceOf(AssertionError.class);
    }

    private GroupMetrics group(String node, Reading reading) {
        time.advance(Duration.ofSeconds(1));
        return new GroupMetrics(
                RaftGroupMemberId.valueOf(RaftPeerId.valueOf(node), RaftGroupId.randomId()), () -> reading, time);
    }

    private static PrometheusParser.Series series(String name, GroupMetrics group) {
        return new PrometheusParser.Series(
                name,
                Map.of(
                        "node", group.member().getPeerId().toString(),
                        "group", group.member().getGroupId().toString()));
    }
}
