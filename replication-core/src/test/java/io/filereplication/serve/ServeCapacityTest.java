package io.filereplication.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.wire.AnswerMessage;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.PacketReader;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.WantedRange;
import io.filereplication.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the groups of a node share, what small requests have to themselves, and what is counted of each peer. */
class ServeCapacityTest {
    private static final int MIB = 1 << 20;
    private static final NodeId CLIENT = NodeId.of("n1");
    private static final NodeId SERVER = NodeId.of("n2");
    private static final NodeId OTHER = NodeId.of("n3");
    /** Two places, one of each peer, and two more for small requests. */
    private static final ServeConfig CONFIG = new ServeConfig(2, 1, 2, Duration.ofSeconds(30), Duration.ofSeconds(1));

    private static final List<AnswerMessage> BUSY = List.of(new AnswerMessage.AllRefused(RefusalCode.BUSY));

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final ServingNode node = new ServingNode(SERVER, Set.of(CLIENT, SERVER, OTHER), CONFIG, scheduler);
    private final Random random = new Random(3);
    private final FileEntry large = node.hold("large", 5, SampleFiles.content(1, 3 * MIB));
    private final FileEntry small = node.hold("small", 6, SampleFiles.content(2, 100));

    @AfterEach
    void everythingWasGivenBack() {
        assertThat(node.capacity.usage().transfers()).isZero();
        assertThat(node.server().stats().transfers()).isZero();
        assertThat(node.files.openFiles()).isZero();
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void bulkLeavesRoomForSmallRequests() throws Exception {
        ClientSession one = connect(node.server(), CLIENT);
        ClientSession two = connect(node.server(), OTHER);
        List<List<AnswerMessage>> within = new ArrayList<>();
        whileServing(
                node.server(),
                one,
                bulk(),
                () -> whileServing(node.server(), two, bulk(), () -> {
                    within.add(ask(node.server(), one, bulk()));
                    within.add(ask(node.server(), two, WantedRange.of(small, 0, 100)));
                    within.add(ask(node.server(), one, WantedRange.of(large, 0, MIB)));
                }));

        assertThat(within.get(0)).isEqualTo(BUSY);
        assertThat(within.get(1)).hasSize(3);
        assertThat(within.get(2)).as("1 MiB is still small").hasSize(3);
    }

    @Test
    void onePeerGetsHalfOfWhatIsKeptForSmallRequests() throws Exception {
        ClientSession one = connect(node.server(), CLIENT);
        ClientSession two = connect(node.server(), OTHER);
        WantedRange little = WantedRange.of(small, 0, 100);
        List<List<AnswerMessage>> within = new ArrayList<>();
        whileServing(
                node.server(),
                one,
                bulk(),
                () -> whileServing(node.server(), one, little, () -> {
                    within.add(ask(node.server(), one, little));
                    within.add(ask(node.server(), two, little));
                }));

        assertThat(within.get(0)).isEqualTo(BUSY);
        assertThat(within.get(1)).hasSize(3);
    }

    /** Ten groups on a server have the threads of one. */
    @Test
    void groupsShareTheirPlaces() throws Exception {
        GroupId otherGroup = GroupId.of("00000000-0000-0000-0000-00000000c3d4");
        Credentials credentials = new Credentials(ServingNode.secrets(), ServingNode.CLUSTER, otherGroup, SERVER);
        Holdings holdings = new Holdings(node.manifest, node.files, () -> node.members, node.reverified::add);
        try (FileServer second = new FileServer(credentials, holdings, node.capacity, random)) {
            ClientSession here = connect(node.server(), CLIENT);
            ClientSession there =
                    connect(second, new Credentials(ServingNode.secrets(), ServingNode.CLUSTER, otherGroup, CLIENT));
            List<List<AnswerMessage>> within = new ArrayList<>();
            whileServing(node.server(), here, bulk(), () -> within.add(ask(second, there, bulk())));

            assertThat(within).containsExactly(BUSY);
            assertThat(ask(second, there, bulk())).hasSize(4);
            assertThat(second.stats().refusals()).containsOnly(Map.entry(RefusalCode.BUSY, 1L));
            assertThat(node.server().stats().refusals()).isEmpty();
            assertThat(second.stats().bytes()).isEqualTo(2 * MIB);
            assertThat(second.stats().transfers()).isZero();
        }
    }

    @Test
    void whilePausedEveryRequestIsBusyAndTransfersGoOn() throws Exception {
        ClientSession session = connect(node.server(), CLIENT);
        List<AnswerMessage> begunBefore =
                whileServing(node.server(), session, bulk(), () -> node.server().pause());

        assertThat(begunBefore).hasSize(4);
        assertThat(node.server().stats().paused()).isTrue();
        assertThat(ask(node.server(), session, WantedRange.of(small, 0, 100))).isEqualTo(BUSY);
        assertThat(ask(node.server(), connect(node.server(), OTHER), bulk()))
                .as("who comes now may prove itself")
                .isEqualTo(BUSY);

        node.server().resume();
        assertThat(ask(node.server(), session, bulk())).hasSize(4);
        assertThat(node.server().stats().paused()).isFalse();
    }

    @Test
    void countsWhatEachPeerGot() throws Exception {
        ClientSession one = connect(node.server(), CLIENT);
        ClientSession two = connect(node.server(), OTHER);
        int[] during = new int[2];
        whileServing(node.server(), one, bulk(), () -> {
            during[0] = node.server().stats().peers().get(CLIENT).transfers();
            during[1] = node.server().stats().transfers();
        });
        ask(node.server(), one, WantedRange.of(small, 0, 100));
        ask(node.server(), two, WantedRange.of(large, 1, 5));
        node.server().serve(ByteBuffer.allocate(9), message -> {});

        ServeStats stats = node.server().stats();
        assertThat(during).containsExactly(1, 1);
        assertThat(stats.peers().get(CLIENT)).isEqualTo(new PeerServeStats(0, 1, 2, 2, 2 * MIB + 100, Map.of()));
        assertThat(stats.peers().get(OTHER))
                .isEqualTo(new PeerServeStats(0, 1, 1, 0, 0, Map.of(RefusalCode.BAD_OFFSET, 1L)));
        assertThat(stats.requests()).isEqualTo(3);
        assertThat(stats.files()).isEqualTo(2);
        assertThat(stats.authFailures()).containsOnly(Map.entry(ProofFailure.MALFORMED, 1L));
    }

    @Test
    void everyStatisticHasAName() throws Exception {
        ask(node.server(), connect(node.server(), CLIENT), WantedRange.of(large, 1, 5));
        node.server().serve(ByteBuffer.allocate(9), message -> {});
        node.server().pause();

        Map<String, Long> map = node.server().stats().toMap();
        assertThat(map)
                .containsEntry("paused", 1L)
                .containsEntry("requests", 1L)
                .containsEntry("hellos", 1L)
                .containsEntry("sessions_proven", 1L)
                .containsEntry("refused", 1L)
                .containsEntry("refused_bad_offset", 1L)
                .containsEntry("refused_busy", 0L)
                .containsEntry("auth_failure", 1L)
                .containsEntry("auth_failure_malformed", 1L)
                .containsEntry("auth_failure_request_tag", 0L);
        assertThat(map)
                .hasSize(14
                        + RefusalCode.values().length
                        + ProofFailure.ofServers().size());
    }

    private interface Step {
        void run() throws IOException, WireException;
    }

    private WantedRange bulk() {
        return WantedRange.of(large, 0, 2 * MIB);
    }

    private ClientSession connect(FileServer server, NodeId client) throws IOException, WireException {
        return connect(server, ServingNode.credentials(client));
    }

    private ClientSession connect(FileServer server, Credentials client) throws IOException, WireException {
        ClientHandshake handshake = new ClientHandshake(client, SERVER, random);
        List<ByteBuffer> packets = new ArrayList<>();
        server.serve(handshake.hello(), message -> packets.add(copy(message)));
        return handshake.complete(packets.get(0));
    }

    private static List<AnswerMessage> ask(FileServer server, ClientSession session, WantedRange range)
            throws IOException, WireException {
        return whileServing(server, session, range, () -> {});
    }

    /** The answer; {@code step} runs while its first packet is being sent. */
    private static List<AnswerMessage> whileServing(
            FileServer server, ClientSession session, WantedRange range, Step step) throws IOException, WireException {
        ClientSession.Request request = session.request(List.of(range));
        List<ByteBuffer> packets = new ArrayList<>();
        server.serve(request.message(), message -> {
            packets.add(copy(message));
            if (packets.size() == 1) {
                try {
                    step.run();
                } catch (WireException e) {
                    throw new IOException(e);
                }
            }
        });
        List<AnswerMessage> answer = new ArrayList<>();
        for (ByteBuffer packet : packets) {
            PacketReader messages = new PacketReader(List.of(packet));
            while (messages.hasNext()) {
                answer.add(request.answer().next(messages));
            }
        }
        return answer;
    }

    private static ByteBuffer copy(ByteBuffer message) {
        return ByteBuffer.allocate(message.remaining()).put(message).flip();
    }
}
