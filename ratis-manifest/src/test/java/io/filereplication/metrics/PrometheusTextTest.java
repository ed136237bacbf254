package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.time.ManualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scraper reads, read again by a parser that forgives nothing. */
class PrometheusTextTest {
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
