package io.filereplication.wire;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Two nodes that exchange messages by hand: what tests of the wire begin with. */
final class Wired {
    static final GroupId GROUP = GroupId.of("00112233-4455-6677-8899-aabbccddeeff");
    static final NodeId CLIENT = NodeId.of("n1");
    static final NodeId SERVER = NodeId.of("n2");
    static final String CLUSTER = "c";
    static final byte[] SECRET = bytes(32, 1);

    final AtomicLong now = new AtomicLong(99);
    final Credentials client = credentials(CLIENT);
    final Set<NodeId> members = new HashSet<>(Set.of(CLIENT, SERVER, NodeId.of("m1")));
    final Random random = new Random(1);
    ServerSessions server = newServer();

    static byte[] bytes(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static Credentials credentials(NodeId self) {
        return new Credentials(ClusterSecrets.of("k1", SECRET), CLUSTER, GROUP, self);
    }

    ServerSessions newServer() {
        return new ServerSessions(credentials(SERVER), () -> members, now::get, random);
    }

    void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    ClientHandshake hello() {
        return hello(client);
    }

    ClientHandshake hello(Credentials credentials) {
        return new ClientHandshake(credentials, SERVER, random);
    }

    /** A session that is not proven yet. */
    ClientSession connect() throws WireException {
        ClientHandshake handshake = hello();
        return handshake.complete(server.answerHello(handshake.hello()).answer());
    }

    static WantedRange wanted(String path, int bytes) {
        return new WantedRange(new FileVersion(FilePath.of(path), new Lsn(7, 1)), sha256(3), bytes, 0, bytes, false);
    }

    static Sha256 sha256(int value) {
        return Sha256.of(bytes(32, value));
    }

    static ByteBuffer request(ClientSession session) {
        return session.request(List.of(wanted("a/b", 10))).message();
    }

    static byte[] copy(ByteBuffer message) {
        byte[] copy = new byte[message.remaining()];
        message.duplicate().get(copy);
        return copy;
    }

    /** The keys of some session, for messages of an answer without a handshake. */
    static SessionKeys keys(int seed) {
        Ends ends = new Ends(CLUSTER, GROUP, CLIENT, SERVER);
        return new KeySchedule(new ClusterSecret("k1", SECRET), ends)
                .sessionKeys(1, bytes(32, seed), bytes(32, seed + 1), new SessionId(5, 6));
    }

    static AnswerSealer sealer(long counter) {
        return new AnswerSealer(1, new SessionId(5, 6), counter, keys(10));
    }

    static AnswerReader reader(long counter, List<WantedRange> items) {
        return new AnswerReader(1, new SessionId(5, 6), counter, keys(10), items);
    }

    /** What {@link #answer} answers. */
    static final List<WantedRange> TWO_FILES = List.of(wanted("a", 10), wanted("b", 20));

    /** The messages of a whole answer to {@link #TWO_FILES}, each on its own. */
    static List<byte[]> answer(long counter) {
        AnswerSealer sealer = sealer(counter);
        List<byte[]> messages = new ArrayList<>();
        ByteBuffer out = ByteBuffer.allocate(1_000);
        sealer.acknowledgement(out, 0, 0, 10, Sha256.OF_EMPTY);
        take(out, messages);
        sealer.frameHeader(out, 0, 0, 10, sha256(4));
        out.put(bytes(10, 42));
        take(out, messages);
        sealer.waiting(out);
        take(out, messages);
        sealer.acknowledgement(out, 1, 0, 20, Sha256.OF_EMPTY);
        take(out, messages);
        sealer.frameHeader(out, 1, 0, 20, sha256(5));
        out.put(bytes(20, 43));
        take(out, messages);
        sealer.trailer(out);
        take(out, messages);
        return messages;
    }

    private static void take(ByteBuffer out, List<byte[]> messages) {
        messages.add(copy(out.flip()));
        out.clear();
    }

    /** Reads every message, each in a packet of its own. */
    static List<AnswerMessage> read(AnswerReader reader, List<byte[]> packets) throws WireException {
        List<AnswerMessage> read = new ArrayList<>();
        for (byte[] packet : packets) {
            PacketReader messages = new PacketReader(List.of(ByteBuffer.wrap(packet)));
            while (messages.hasNext()) {
                read.add(reader.next(messages));
            }
        }
        return read;
    }
}
