package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.serve.ServeStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** A whole serving node and a member with proven sessions: what attacks on a server begin with, and what they must leave. */
abstract class ServerAdversaryFixture {
    static final int MIB = 1 << 20;
    static final NodeId CLIENT = NodeId.of("n1");
    static final NodeId SERVER = NodeId.of("n2");

    final SteppedScheduler scheduler = new SteppedScheduler();
    final ServingNode node = new ServingNode(SERVER, Set.of(CLIENT, SERVER), ServeConfig.defaults(), scheduler);
    final Random random = new Random(3);
    final byte[] content = SampleFiles.content(1, 2 * MIB + 10);
    final FileEntry entry = node.hold("a/b", 5, content);
    ClientSession session;
    /** The hello that opened {@link #session}. */
    byte[] hello;

    /** As many sessions as it may have, so that one more handshake takes the place of the oldest. */
    @BeforeEach
    void connect() throws Exception {
        for (int i = 0; i < ServerSessions.MAX_PROVEN_PER_NODE; i++) {
            connectAnew();
            askHonestly();
        }
    }

    void connectAnew() throws IOException, WireException {
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(CLIENT), SERVER, random);
        hello = Wired.copy(handshake.hello());
        session = handshake.complete(serve(hello).get(0));
    }

    List<ByteBuffer> serve(byte[] message) throws IOException {
        List<ByteBuffer> packets = new ArrayList<>();
        node.server()
                .serve(
                        ByteBuffer.wrap(message).asReadOnlyBuffer(),
                        packet -> packets.add(ByteBuffer.allocate(packet.remaining())
                                .put(packet)
                                .flip()));
        return packets;
    }

    WantedRange wanted() {
        return WantedRange.of(entry, 0, MIB);
    }

    List<AnswerMessage> ask(WantedRange range) throws IOException, WireException {
        ClientSession.Request request = session.request(List.of(range));
        List<AnswerMessage> answer = new ArrayList<>();
        for (ByteBuffer packet : serve(Wired.copy(request.message()))) {
            PacketReader messages = new PacketReader(List.of(packet));
            while (messages.hasNext()) {
                answer.add(request.answer().next(messages));
            }
        }
        return answer;
    }

    void askHonestly() throws IOException, WireException {
        assertThat(ask(wanted())).hasSize(3);
    }

    /** What was accepted before is accepted again, in the session there is and after a new handshake, and nothing is left. */
    void assertAllIsAsIn(State before) throws IOException, WireException {
        assertNothingIsLeft(before);
        askHonestly();
        assertNothingIsLeft(before);
        connectAnew();
        askHonestly();
        assertNothingIsLeft(before);
    }

    /** All that is held is as before; a thread of somebody else's may have ended meanwhile. */
    void assertNothingIsLeft(State before) {
        State now = state();
        assertThat(now.threads()).isSubsetOf(before.threads());
        assertThat(now).usingRecursiveComparison().ignoringFields("threads").isEqualTo(before);
    }

    /** What an attack must leave as it was. */
    record State(ServeCapacity.Usage usage, int proven, int unproven, int openFiles, int tasks, Set<Thread> threads) {
        State with(int provenSessions, int unprovenSessions) {
            return new State(usage, provenSessions, unprovenSessions, openFiles, tasks, threads);
        }
    }

    State state() {
        ServeStats stats = node.server().stats();
        return new State(
                node.capacity.usage(),
                stats.provenSessions(),
                stats.unprovenSessions(),
                node.files.openFiles(),
                scheduler.pending(),
                Thread.getAllStackTraces().keySet());
    }
}
