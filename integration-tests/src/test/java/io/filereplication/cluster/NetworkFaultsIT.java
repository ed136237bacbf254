package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.filereplication.FilePath;
import io.filereplication.cluster.FaultyProxy.Fault;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeStats;
import io.filereplication.wire.ProofFailure;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.ratis.thirdparty.io.netty.buffer.PooledByteBufAllocator;
import org.apache.ratis.util.NetUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two real nodes; what the first serves reaches the second through a proxy that does what networks do. */
class NetworkFaultsIT {
    private static final int MIB = 1 << 20;
    /** What each of the many half-open streams would at least hold of direct memory: one of Netty's first read buffers. */
    private static final int STREAM_BYTES = 2_048;

    private static final int STREAMS = 1_000;
    private static final int DESCRIPTORS_OF_THE_REST = 500;
    private static final String HELLO = "FREP\u0001\u0001";

    @TempDir
    Path directory;

    private final Random random = new Random(5);
    private final Map<String, byte[]> expected = new TreeMap<>();
    private TestCluster cluster;
    private FaultyProxy proxy;

    @BeforeEach
    void startBoth() throws Exception {
        cluster = new TestCluster(directory, 2);
        proxy = new FaultyProxy(cluster.peer(1).getDataStreamAddress());
        cluster.advertise(1, proxy.address()).start();
        put("first", 100);
        cluster.assertConverged(expected);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        proxy.close();
    }

    private void put(String path, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        cluster.put(1, path, content);
        expected.put(path, content);
    }

    private void awaitOnSecond(String path) {
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of(path), TestCluster.PATIENCE)
                .join();
    }

    /** In the middle of a file, on each of the first connections that carry one. */
    @ParameterizedTest
    @CsvSource({"RESET, 2", "STALL, 1", "HALF_OPEN, 1"})
    void aFileArrivesWholeWhateverHappensToItsConnection(Fault fault, int connections) throws Exception {
        proxy.inject(fault, 2 * MIB, connections);
        put("large", 9 * MIB);
        cluster.assertConverged(expected);

        assertThat(proxy.touched()).isEqualTo(connections);
        assertThat(cluster.node(2).stats().checksumMismatch()).isZero();
        assertThat(cluster.node(2).stats().authFailure()).isZero();
        assertThat(cluster.node(2).stats().resumed())
                .as("nothing was fetched twice")
                .isPositive();
    }

    /** Lesson 39: a bit that flips on the way is noticed at its chunk, and the peer's copy is not taken for rotten. */
    @Test
    void aFlippedBitIsNoticedAndTheFileArrivesWhole() throws Exception {
        // Of the stream, not of the file: in the middle of the data of a frame, far from what else is in between.
        proxy.inject(Fault.CORRUPTION, 2 * MIB + MIB / 2, 1);
        put("large", 9 * MIB);
        cluster.assertConverged(expected);

        assertThat(proxy.touched()).isEqualTo(1);
        assertThat(cluster.node(2).stats().checksumMismatch()).isEqualTo(1);
        assertThat(cluster.node(1).stats().missing())
                .as("verified anew, and found right")
                .isZero();
    }

    @Test
    void aSlowNetworkIsNoFault() throws Exception {
        proxy.inject(Fault.DELAY, 0, 0);
        put("large", 5 * MIB);
        cluster.assertConverged(expected);

        assertThat(cluster.node(2).stats().failed()).isZero();
        assertThat(cluster.node(2).stats().authFailure()).isZero();
    }

    /** Bulk that is stuck holds its own connection only. */
    @Test
    void aSmallFileDoesNotWaitForBulkThatIsStuck() throws Exception {
        proxy.inject(Fault.STALL, 2 * MIB, 1);
        put("bulk", 30 * MIB);
        await().atMost(TestCluster.PATIENCE).until(() -> proxy.touched() == 1);
        put("small", 1_000);
        awaitOnSecond("small");
        cluster.assertConverged(expected);
    }

    /**
     * A thousand connections that replay what was heard of genuine ones and read nothing: each of their messages is refused for
     * what it is, the peer goes on being served, and when they are gone everything is as before.
     */
    @Test
    void aThousandHalfOpenStreamsKeepNobodyOut() throws Exception {
        assumeThat(freeDescriptors())
                .as("file descriptors, for both ends of each")
                .isGreaterThan(2 * STREAMS + DESCRIPTORS_OF_THE_REST);
        put("bulk", 3 * MIB);
        cluster.assertConverged(expected);
        byte[] heard = proxy.heardFromClients();
        ServeStats genuine = stats();
        assertThat(genuine.hellos()).isPositive().isLessThanOrEqualTo(hellos(heard));
        assertThat(genuine.requests()).isPositive();
        assertThat(genuine.authFailures()).isEmpty();
        try (HalfOpen few = HalfOpen.replaying(heard, few(), cluster.peer(1).getDataStreamAddress())) {
            // Now every thread is there that may be.
            awaitRefused(genuine, few.sockets().size());
        }
        awaitNothingIsBeingAnswered();
        ServeCapacity.Usage usage = cluster.node(1).serveUsage();
        ServeStats before = stats();
        int hellosBefore = hellos(proxy.heardFromClients());
        Map<String, Integer> threads = dataStreamThreads();
        assertThat(threads).isNotEmpty();
        long memory = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
        put("before", 3 * MIB);
        awaitOnSecond("before");

        try (HalfOpen many = HalfOpen.replaying(heard, STREAMS, cluster.peer(1).getDataStreamAddress())) {
            put("meanwhile", 3 * MIB);
            awaitOnSecond("meanwhile");
            awaitRefused(genuine, few() + many.sockets().size());
        }

        awaitNothingIsBeingAnswered();
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(dataStreamThreads())
                    .allSatisfy((name, count) ->
                            assertThat(count).as(name).isLessThanOrEqualTo(threads.getOrDefault(name, 0)));
            // Of the whole process: what other nodes hold for a moment is no leak, and far less.
            assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory())
                    .isLessThan(memory + STREAMS * STREAM_BYTES / 2);
        });
        assertThat(cluster.node(1).serveUsage().transfers()).isEqualTo(usage.transfers());
        // The peer itself says hello again when it has waited too long for an answer.
        int again = hellos(proxy.heardFromClients()) - hellosBefore;
        ServeStats after = stats();
        assertThat(after.hellos()).isBetween(before.hellos(), before.hellos() + again);
        assertThat(after.provenSessions()).isBetween(before.provenSessions(), before.provenSessions() + again);
        await("sessions that nobody proved have ended")
                .atMost(TestCluster.PATIENCE)
                .until(() -> stats().unprovenSessions() == 0);
        put("afterwards", 3 * MIB);
        cluster.assertConverged(expected);
    }

    private ServeStats stats() {
        return cluster.node(1).fileServer().stats();
    }

    /** So many that each event loop of Netty's, two for each processor, has had one. */
    private static int few() {
        return Math.max(100, 2 * Runtime.getRuntime().availableProcessors());
    }

    private static long freeDescriptors() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return system instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
                : 0;
    }

    /** How many hellos are in {@code heard}, by how they begin: magic, format and kind. */
    private static int hellos(byte[] heard) {
        String text = new String(heard, StandardCharsets.ISO_8859_1);
        int count = 0;
        for (int at = text.indexOf(HELLO); at >= 0; at = text.indexOf(HELLO, at + 1)) {
            count++;
        }
        return count;
    }

    /** Each connection repeats every hello and every request that was heard, of sessions that are known; and nothing else happens. */
    private void awaitRefused(ServeStats heard, long connections) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(stats().authFailures())
                        .containsExactlyInAnyOrderEntriesOf(Map.of(
                                ProofFailure.REPEATED_HELLO, connections * heard.hellos(),
                                ProofFailure.REPEATED_COUNTER, connections * heard.requests())));
    }

    private void awaitNothingIsBeingAnswered() {
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            ServeCapacity.Usage now = cluster.node(1).serveUsage();
            assertThat(now.transfers()).isZero();
            assertThat(now.helloAnswers()).isZero();
            assertThat(now.sessionlessAnswers()).isZero();
            assertThat(now.unprovenAnswers()).isZero();
            assertThat(now.refusals()).isZero();
            assertThat(now.buffers()).isZero();
        });
    }

    /** The threads of the attacked node's data stream server, those that answer and the event loops: how many of each name. */
    private static Map<String, Integer> dataStreamThreads() {
        Map<String, Integer> threads = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("n1-ReadStreamManagement") || name.startsWith("n1-NettyServerStreamRpc")) {
                threads.merge(name.replaceAll("\\d+$", ""), 1, Integer::sum);
            }
        }
        return threads;
    }

    /** Connections that have sent something and read nothing. */
    private record HalfOpen(List<Socket> sockets) implements AutoCloseable {
        static HalfOpen replaying(byte[] heard, int connections, String address) throws IOException {
            HalfOpen open = new HalfOpen(new ArrayList<>());
            for (int i = 0; i < connections; i++) {
                Socket socket = new Socket();
                open.sockets.add(socket);
                socket.setReceiveBufferSize(1_024);
                socket.connect(NetUtils.createSocketAddr(address));
                socket.getOutputStream().write(heard);
            }
            return open;
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
