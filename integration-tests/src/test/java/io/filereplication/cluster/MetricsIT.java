package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.http.HttpEndpoint;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JMX and HTTP show what a real cluster does, and nothing of a node that is gone. */
class MetricsIT {
    private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();
    private static final int SIZE = (3 << 20) + 17;

    @TempDir
    Path directory;

    private TestCluster cluster;

    @BeforeEach
    void startCluster() throws Exception {
        cluster = new TestCluster(directory, 3).start();
        for (int i = 1; i <= 3; i++) {
            cluster.awaitCaughtUp(i);
        }
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    /** Lesson 28. */
    @Test
    void aPullIsSeenInJmxAtBothEnds() throws Exception {
        cluster.put(1, "metrics/2026/11/22.parquet", new byte[SIZE]);

        for (int puller = 2; puller <= 3; puller++) {
            int node = puller;
            awaitNumber(node, "pulled", 1);
            awaitNumber(node, "pulled_bytes", SIZE);
            await("what node " + node + " has done")
                    .atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThatNumbersAreOfOnePull(node));
        }
        awaitNumber(1, "published_local", 1);
        awaitNumber(1, "manifest_bytes", SIZE);
        await("proposals of node 1")
                .atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(number(1, "client_proposals")).isPositive());
        await("what was pulled was served")
                .atMost(TestCluster.PATIENCE)
                .until(() -> sum(1, "serve_peer_bytes") + sum(2, "serve_peer_bytes") + sum(3, "serve_peer_bytes")
                        >= 2 * SIZE);
    }

    /** Each is of a reading of its own, and a reading is taken while the counters move on. */
    private void assertThatNumbersAreOfOnePull(int node) throws JMException {
        assertThat(sum(node, "pull_peer_bytes")).isEqualTo(SIZE);
        assertThat(sum(node, "pull_peer_files")).isEqualTo(1);
        assertThat(number(node, "registered_to_published_seconds_count")).isEqualTo(1);
        assertThat(number(node, "registered_to_published_seconds_p99")).isPositive();
        assertThat(number(node, "fetch_seconds_count")).isPositive();
        assertThat(number(node, "publish_seconds_count")).isEqualTo(1);
        assertThat(number(node, "pulled_bytes_per_second")).isPositive();
        assertThat(number(node, "missing")).isZero();
        assertThat(number(node, "oldest_missing_age_seconds")).isZero();
        assertThat(number(node, "fully_caught_up")).isEqualTo(1);
        assertThat(number(node, "network_unprotected")).isZero();
        assertThat(number(node, "problem")).isZero();
    }

    @Test
    void aNodeThatIsGoneLeavesNoMetricsAndOneThatComesBackHasItsOwn() throws Exception {
        cluster.put(1, "a", new byte[10]);
        awaitNumber(3, "pulled", 1);

        cluster.stop(3);

        assertThat(beans(3)).isEmpty();
        assertThat(registries()).noneMatch(prefix -> prefix.equals(member(3)));
        assertThat(beans(2)).isNotEmpty();
        cluster.start(3);
        cluster.awaitCaughtUp(3);
        awaitNumber(3, "manifest_entries", 1);
        assertThat(number(3, "pulled")).as("since this start").isZero();
    }

    @Test
    void theEndpointOfANodeSaysThatItIsReadyAndShowsItsNumbers() throws Exception {
        try (HttpEndpoint endpoint = HttpEndpoint.open(cluster.node(2), HttpEndpoint.loopback(0))) {
            cluster.put(1, "a", new byte[SIZE]);
            String group = cluster.group().getGroupId().toString();
            String wanted = "file_replication_pulled_bytes_total{node=\"n2\",group=\"" + group + "\"} " + SIZE + "\n";

            await("the bytes in the metrics")
                    .atMost(TestCluster.PATIENCE)
                    .until(() -> get(endpoint, "/metrics").body().contains(wanted));
            assertThat(get(endpoint, "/ready").statusCode()).isEqualTo(200);
            assertThat(get(endpoint, "/health").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> get(HttpEndpoint endpoint, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .timeout(TestCluster.PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private void awaitNumber(int node, String name, double wanted) {
        await(name + " of node " + node)
                .atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(number(node, name)).isEqualTo(wanted));
    }

    private double number(int node, String name) throws JMException {
        Object value = BEANS.getAttribute(
                new ObjectName("file_replication:name=file_replication.group." + member(node) + "." + name), "Value");
        return ((Number) value).doubleValue();
    }

    /** Over all values of the metric's labels. */
    private double sum(int node, String name) throws JMException {
        double sum = 0;
        for (String bean : beans(node)) {
            if (bean.startsWith(name + ".")) {
                sum += number(node, bean);
            }
        }
        return sum;
    }

    private Set<String> beans(int node) {
        String prefix = "file_replication.group." + member(node) + ".";
        return BEANS.queryNames(null, null).stream()
                .filter(name -> name.getDomain().equals("file_replication"))
                .map(name -> name.getKeyProperty("name"))
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> registries() {
        return MetricRegistries.global().getMetricRegistryInfos().stream()
                .filter(info -> info.getApplicationName().equals("file_replication"))
                .map(MetricRegistryInfo::getPrefix)
                .collect(Collectors.toSet());
    }

    private String member(int node) {
        return "n" + node + "@" + cluster.group().getGroupId();
    }
}
