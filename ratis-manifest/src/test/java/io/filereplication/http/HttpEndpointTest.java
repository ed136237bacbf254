package io.filereplication.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.pull.FileEvents;
import io.filereplication.testing.FreePorts;
import io.filereplication.testing.PrometheusParser;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes and scrapers are told by a real node, and that they cannot hold it up. */
class HttpEndpointTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final CompletableFuture<Boolean> caughtUp = new CompletableFuture<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private FileReplicationNode node;
    private HttpEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        RaftPeer self = RaftPeer.newBuilder()
                .setId("n1")
                .setAddress("127.0.0.1:" + FreePorts.next())
                .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
                .build();
        node = FileReplicationNode.newBuilder()
                .setPeer(self)
                .setGroup(RaftGroup.valueOf(RaftGroupId.randomId(), self))
                .setStorageRoot(directory.resolve("files"))
                .setRaftDirectory(directory.resolve("raft"))
                .setSecrets(ClusterSecrets.of(
                        "k", "a secret of more than thirty-two bytes".getBytes(StandardCharsets.UTF_8)))
                .setEvents(new FileEvents() {
                    @Override
                    public void onReadinessChanged(boolean ready) {
                        caughtUp.complete(ready);
                    }
                })
                .build();
        endpoint = HttpEndpoint.open(node, HttpEndpoint.loopback(0));
    }

    @AfterEach
    void close() {
        endpoint.close();
        node.close();
    }

    @Test
    void aNodeThatWasNotStartedIsNeitherUpNorReady() throws Exception {
        HttpResponse<String> health = get("/health");

        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(health.body()).isEqualTo("{\"ok\":false,\"reasons\":[\"the Raft server is NEW\"]}\n");
        assertThat(get("/ready").body()).contains("the Raft server is NEW", "the first walk");
    }

    @Test
    void aNodeThatRunsAndHasEverythingIsUpAndReady() throws Exception {
        node.start();
        assertThat(caughtUp.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        for (String path : List.of("/health", "/ready")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"ok\":true,\"reasons\":[]}\n");
        }
    }

    @Test
    void aClosedNodeIsDown() throws Exception {
        node.start();

        node.close();

        assertThat(get("/health").statusCode()).isEqualTo(503);
        assertThat(get("/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void metricsAreWhatAScraperReads() throws Exception {
        node.start();
        Path source = Files.write(directory.resolve("source"), new byte[] {1, 2, 3});
        node.files().put(FilePath.of("a/b"), source, Attributes.NONE);

        // A reading may be half a second old, so the first answers can be from before the put.
        AtomicReference<Map<String, PrometheusParser.Family>> latest = new AtomicReference<>(Map.of());
        await().atMost(PATIENCE).untilAsserted(() -> {
            HttpResponse<String> answer = get("/metrics");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            latest.set(PrometheusParser.parse(answer.body()));
            assertThat(latest.get()
                            .get("file_replication_manifest_bytes")
                            .samples()
                            .values())
                    .containsExactly(3.0);
        });
        Map<String, PrometheusParser.Family> families = latest.get();
        assertThat(families.get("file_replication_client_proposals_total")
                        .samples()
                        .keySet())
                .singleElement()
                .satisfies(series -> assertThat(series.labels()).containsEntry("node", "n1"));
    }

    @Test
    void onlyReadingIsAllowed() throws Exception {
        HttpRequest post = request("/metrics")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        HttpRequest head = request("/metrics")
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();

        HttpResponse<String> refused = client.send(post, HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> looked = client.send(head, HttpResponse.BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(looked.statusCode()).isEqualTo(200);
        assertThat(looked.body()).isEmpty();
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        for (String path : List.of("/", "/metrics/", "/healthz", "/..%2fmetrics", "//metrics")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void requestsThatNeverEndDoNotKeepOthersFromTheirAnswer() throws Exception {
        List<Socket> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket(
                        endpoint.address().getAddress(), endpoint.address().getPort());
                stuck.add(socket);
                socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }

            assertThat(answerInTheEnd()).isEqualTo(503);
        } finally {
            for (Socket socket : stuck) {
                socket.close();
            }
        }
    }

    /** While too many wait, whoever comes is hung up on. */
    private int answerInTheEnd() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return get("/health").statusCode();
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("No answer within " + PATIENCE, e);
                }
            }
        }
    }

    @Test
    void closingFreesThePortAndIsIdempotent() throws Exception {
        InetSocketAddress address = endpoint.address();
        assertThat(get("/health").statusCode()).isEqualTo(503);

        endpoint.close();
        endpoint.close();

        assertThatThrownBy(() -> get("/health")).isInstanceOf(IOException.class);
        try (HttpEndpoint again = HttpEndpoint.open(node, address)) {
            assertThat(again.address()).isEqualTo(address);
            assertThat(get("/health").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        assertThatThrownBy(() -> HttpEndpoint.open(node, endpoint.address()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(endpoint.address().getPort()))
                .hasMessageContaining("choose another");
    }

    @Test
    void aHostThatIsNotKnownIsNamed() {
        assertThatThrownBy(() -> HttpEndpoint.open(node, InetSocketAddress.createUnresolved("no.such.host", 0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no.such.host");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path))
                .timeout(PATIENCE);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }
}
