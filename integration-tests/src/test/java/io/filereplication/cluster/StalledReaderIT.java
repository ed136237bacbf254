package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.plugin.FileReplicationConfigKeys;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.stream.DataStreamTransport;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.Protocol;
import io.filereplication.wire.WantedRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer with the right secret asks a real server for more than fits between them, and reads nothing. */
class StalledReaderIT {
    private static final int MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Together more than the sender's and the receiver's buffers hold. */
    private static final int REQUESTS = 3;

    @TempDir
    Path directory;

    private final Random random = new Random(3);
    private final Map<String, byte[]> expected = new TreeMap<>();

    /** Lesson 27: it holds a place and a thread until the stall limit, and nobody else waits for it. */
    @Test
    void aReaderThatStallsIsGivenUpAndEverybodyElseIsServed() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 2)) {
            RaftProperties impatient = TestCluster.properties();
            FileReplicationConfigKeys.Serve.setStallLimit(impatient, TimeDuration.valueOf(3, TimeUnit.SECONDS));
            cluster.customize(1, node -> node.setProperties(impatient)).start();
            FileEntry large = put(cluster, "large", Protocol.MAX_ANSWER_BYTES);
            cluster.assertConverged(expected);
            awaitNothingIsTaken(cluster);
            long stalledBefore = cluster.node(1).fileServer().stats().stalledReaders();

            try (FaultyProxy proxy = new FaultyProxy(cluster.peer(1).getDataStreamAddress())) {
                proxy.inject(FaultyProxy.Fault.UNREAD, 0, 1);
                RaftPeer behindProxy = RaftPeer.newBuilder(cluster.peer(1))
                        .setDataStreamAddress(proxy.address())
                        .build();
                RaftGroupId group = cluster.group().getGroupId();
                ClientSession session = new Hello(NodeId.of("n2"), TestCluster.secrets(), new Parameters())
                        .sayTo(cluster.peer(1), group);
                List<PeerTransport.Answer> answers = new ArrayList<>();
                try (DataStreamTransport transport = new DataStreamTransport(
                        "test", group, id -> behindProxy, TestCluster.properties(), new Parameters())) {
                    for (int i = 0; i < REQUESTS; i++) {
                        List<WantedRange> whole = List.of(WantedRange.of(large, 0, Protocol.MAX_ANSWER_BYTES));
                        answers.add(transport.send(
                                NodeId.of("n1"),
                                Lane.BULK,
                                session.request(whole).message(),
                                PATIENCE));
                    }
                    await().atMost(TestCluster.PATIENCE)
                            .until(() -> cluster.node(1).serveUsage().transfers() > 0 && proxy.touched() == 1);
                    put(cluster, "meanwhile", 9 * MIB);
                    cluster.assertConverged(expected);
                    await().atMost(TestCluster.PATIENCE)
                            .until(() -> cluster.node(1).fileServer().stats().stalledReaders() > stalledBefore);
                    awaitNothingIsTaken(cluster);
                } finally {
                    answers.forEach(PeerTransport.Answer::close);
                }
            }
            put(cluster, "afterwards", 9 * MIB);
            cluster.assertConverged(expected);
            awaitNothingIsTaken(cluster);
            assertThat(cluster.node(2).stats().failed()).isZero();
        }
    }

    /** An answer holds its place a moment longer than its reader needs to have all of it. */
    private static void awaitNothingIsTaken(TestCluster cluster) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(
                        () -> assertThat(taken(cluster.node(1).serveUsage())).containsOnly(0));
    }

    /** All but the buffers that are kept for the next transfer: one from which a message may still be leaving is not kept. */
    private static List<Integer> taken(ServeCapacity.Usage usage) {
        return List.of(
                usage.transfers(),
                usage.helloAnswers(),
                usage.sessionlessAnswers(),
                usage.unprovenAnswers(),
                usage.refusals(),
                usage.buffers());
    }

    private FileEntry put(TestCluster cluster, String path, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        expected.put(path, content);
        return cluster.put(1, path, content);
    }
}
