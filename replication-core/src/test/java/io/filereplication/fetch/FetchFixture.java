package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeConfig;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.Credentials;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

/** Fetcher and server together, over a network in memory and virtual time; whatever a test leaves open fails it. */
abstract class FetchFixture {
    static final int MIB = 1 << 20;
    static final NodeId ME = NodeId.of("n1");
    static final NodeId PEER = NodeId.of("n2");

    final SteppedScheduler scheduler = new SteppedScheduler();
    final MemoryTransport network = new MemoryTransport(scheduler);
    final ServingNode peer = new ServingNode(PEER, Set.of(ME, PEER), ServeConfig.defaults(), scheduler);
    final BandwidthLimits<NodeId> incoming = new BandwidthLimits<>(scheduler);
    final PeerHealth health = new PeerHealth(scheduler);
    private int fetchers;
    final AuthenticatedFetcher fetcher = fetcher(ServingNode.credentials(ME));

    FetchFixture() {
        connect();
    }

    AuthenticatedFetcher fetcher(Credentials credentials) {
        return new AuthenticatedFetcher(
                credentials, network, FetchConfig.defaults(), incoming, health, scheduler, new Random(++fetchers));
    }

    void connect() {
        network.connect(PEER, (request, out) -> peer.server().serve(request, out));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(network.unread())
                .as("packets and answers that were not closed")
                .isZero();
        assertThat(peer.files.openFiles()).as("files that were not closed").isZero();
        assertThat(peer.server().stats().transfers())
                .as("permits that were not returned")
                .isZero();
        assertThat(scheduler.pending()).as("tasks that were not cancelled").isZero();
    }

    static FetchItem item(FileEntry entry, byte[] content, int staged) {
        return new FetchItem(
                entry,
                new MemoryStagedFile(entry.version(), content, staged),
                SampleFiles.hasher(content, staged),
                () -> false);
    }

    FetchOutcome fetch(FetchItem item) throws InterruptedException {
        return fetcher.fetch(PEER, List.of(item)).get(0);
    }

    static byte[] staged(FetchItem item) {
        return ((MemoryStagedFile) item.destination()).content();
    }

    static void assertFailed(FetchOutcome outcome, Class<? extends FetchException> reason, long received) {
        assertThat(outcome).isInstanceOfSatisfying(FetchOutcome.Failed.class, failed -> {
            assertThat(failed.reason()).isInstanceOf(reason);
            assertThat(failed.receivedBytes()).isEqualTo(received);
        });
    }
}
