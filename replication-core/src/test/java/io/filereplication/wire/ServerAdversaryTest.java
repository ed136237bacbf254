package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.serve.ServeStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks on a whole serving node. Each begins with an honest exchange that succeeds, then sends what an attacker would, sees
 * it refused for the expected reason, counted once and answered uniformly, and ends with the honest exchange succeeding again;
 * sessions, permits, buffers, threads, open files and tasks are then what they were.
 */
class ServerAdversaryTest {
    private static final int MIB = 1 << 20;
    private static final NodeId CLIENT = NodeId.of("n1");
    private static final NodeId SERVER = NodeId.of("n2");
    private static final NodeId STRANGER = NodeId.of("n9");

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final ServingNode node = new ServingNode(SERVER, Set.of(CLIENT, SERVER), ServeConfig.defaults(), scheduler);
    private final Random random = new Random(3);
    private final byte[] content = SampleFiles.content(1, 2 * MIB + 10);
    private final FileEntry entry = node.hold("a/b", 5, content);
    private ClientSession session;
    /** The hello that opened {@link #session}. */
    private byte[] hello;

    /** Makes, from a node with a proven session, the message to send. */
    private interface Attack {
        byte[] message(ServerAdversaryTest at) throws Exception;
    }

    @BeforeEach
    void connect() throws Exception {
        connectAnew();
        askHonestly();
    }

    private void connectAnew() throws IOException, WireException {
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(CLIENT), SERVER, random);
        hello = Wired.copy(handshake.hello());
        session = handshake.complete(serve(hello).get(0));
    }

    private List<ByteBuffer> serve(byte[] message) throws IOException {
        List<ByteBuffer> packets = new ArrayList<>();
        node.server()
                .serve(
                        ByteBuffer.wrap(message).asReadOnlyBuffer(),
                        packet -> packets.add(ByteBuffer.allocate(packet.remaining())
                                .put(packet)
                                .flip()));
        return packets;
    }

    private byte[] request() {
        return Wired.copy(session.request(List.of(wanted())).message());
    }

    private WantedRange wanted() {
        return WantedRange.of(entry, 0, MIB);
    }

    private List<AnswerMessage> ask(WantedRange range) throws IOException, WireException {
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

    private void askHonestly() throws IOException, WireException {
        assertThat(ask(wanted())).hasSize(3);
    }

    /** What an attack must leave as it was. */
    private record State(
            ServeCapacity.Usage usage, int proven, int unproven, int openFiles, int tasks, Set<String> threads) {}

    private State state() {
        ServeStats stats = node.server().stats();
        Set<String> threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .collect(Collectors.toSet());
        return new State(
                node.capacity.usage(),
                stats.provenSessions(),
                stats.unprovenSessions(),
                node.files.openFiles(),
                scheduler.pending(),
                threads);
    }

    static Stream<Arguments> unproven() {
        return Stream.of(
                        hellos(),
                        fieldsOfAHello(),
                        requests(),
                        fieldsOfARequest(),
                        kindsThatNobodySendsToAServer(),
                        noise())
                .flatMap(attacks -> attacks);
    }

    private static Arguments attack(String name, ProofFailure expected, Attack attack) {
        return Arguments.of(name, expected, attack);
    }

    private static Stream<Arguments> hellos() {
        ClusterSecrets right = ServingNode.secrets();
        GroupId other = GroupId.of("00000000-0000-0000-0000-00000000ffff");
        return Stream.of(
                attack(
                        "wrong secret",
                        ProofFailure.HELLO_TAG,
                        at -> at.helloOf(new Credentials(
                                ClusterSecrets.of("k1", new byte[32]),
                                ServingNode.CLUSTER,
                                ServingNode.GROUP,
                                CLIENT))),
                attack(
                        "unknown key id",
                        ProofFailure.UNKNOWN_KEY,
                        at -> at.helloOf(new Credentials(
                                ClusterSecrets.of("k9", SampleFiles.content(4711, 32)),
                                ServingNode.CLUSTER,
                                ServingNode.GROUP,
                                CLIENT))),
                attack(
                        "wrong cluster",
                        ProofFailure.HELLO_TAG,
                        at -> at.helloOf(new Credentials(right, "another", ServingNode.GROUP, CLIENT))),
                attack(
                        "wrong group",
                        ProofFailure.HELLO_TAG,
                        at -> at.helloOf(new Credentials(right, ServingNode.CLUSTER, other, CLIENT))),
                attack(
                        "hello for another server",
                        ProofFailure.HELLO_TAG,
                        at -> Wired.copy(
                                new ClientHandshake(ServingNode.credentials(CLIENT), NodeId.of("n3"), at.random)
                                        .hello())),
                attack(
                        "the server's own hello, reflected",
                        ProofFailure.HELLO_TAG,
                        at -> Wired.copy(
                                new ClientHandshake(ServingNode.credentials(SERVER), CLIENT, at.random).hello())),
                attack("hello replayed", ProofFailure.REPEATED_HELLO, at -> at.hello),
                attack("hello cut off", ProofFailure.MALFORMED, at -> Arrays.copyOf(at.hello, at.hello.length - 1)),
                attack(
                        "hello with a byte behind",
                        ProofFailure.MALFORMED,
                        at -> Arrays.copyOf(at.freshHello(), at.hello.length + 1)),
                attack("hello of a megabyte", ProofFailure.MALFORMED, at -> Arrays.copyOf(at.freshHello(), MIB)),
                attack("hello with the tag of a request", ProofFailure.HELLO_TAG, at -> {
                    byte[] hello = at.freshHello();
                    byte[] request = at.request();
                    System.arraycopy(request, request.length - 32, hello, hello.length - 32, 32);
                    return hello;
                }));
    }

    private static Stream<Arguments> fieldsOfAHello() {
        return Stream.of(
                        Arguments.of("format", 4, ProofFailure.MALFORMED),
                        Arguments.of("lowest version", 6, ProofFailure.HELLO_TAG),
                        Arguments.of("highest version", 7, ProofFailure.HELLO_TAG),
                        Arguments.of("nonce", 8, ProofFailure.HELLO_TAG),
                        Arguments.of("length of the key id", 40, ProofFailure.MALFORMED),
                        Arguments.of("key id", 42, ProofFailure.UNKNOWN_KEY),
                        Arguments.of("length of the node id", 43, ProofFailure.MALFORMED),
                        Arguments.of("node id", 45, ProofFailure.HELLO_TAG),
                        Arguments.of("tag", 46, ProofFailure.HELLO_TAG))
                .map(field -> attack(
                        "hello with another " + field.get()[0],
                        (ProofFailure) field.get()[2],
                        at -> flipped(at.freshHello(), (int) field.get()[1])));
    }

    private static Stream<Arguments> requests() {
        return Stream.of(
                attack("request replayed", ProofFailure.REPEATED_COUNTER, at -> {
                    byte[] request = at.request();
                    at.serve(request);
                    return request;
                }),
                attack("request replayed in another session", ProofFailure.REQUEST_TAG, at -> {
                    byte[] heard = at.request();
                    System.arraycopy(at.requestOfAnotherSession(), 8, heard, 8, 16);
                    return heard;
                }),
                attack("request replayed after the server restarted", ProofFailure.UNKNOWN_SESSION, at -> {
                    byte[] heard = at.request();
                    at.node.restart();
                    at.connect();
                    return heard;
                }),
                attack("request whose counter is too old", ProofFailure.REPEATED_COUNTER, at -> {
                    byte[] held = at.request();
                    for (int i = 0; i < ReplayWindow.WIDTH; i++) {
                        at.request();
                    }
                    at.askHonestly();
                    return held;
                }),
                attack("request of a session that has ended", ProofFailure.UNKNOWN_SESSION, at -> {
                    byte[] held = at.request();
                    at.scheduler.advance(Duration.ofHours(2));
                    at.connect();
                    return held;
                }),
                attack("request of a session that never was", ProofFailure.UNKNOWN_SESSION, at -> {
                    byte[] request = at.request();
                    Arrays.fill(request, 8, 24, (byte) 7);
                    return request;
                }),
                attack("request cut off", ProofFailure.REQUEST_TAG, at -> {
                    byte[] request = at.request();
                    return Arrays.copyOf(request, request.length - 1);
                }),
                attack("request shorter than any", ProofFailure.MALFORMED, at -> Arrays.copyOf(at.request(), 63)),
                attack("request with a byte behind", ProofFailure.REQUEST_TAG, at -> {
                    byte[] request = at.request();
                    return Arrays.copyOf(request, request.length + 1);
                }),
                attack(
                        "request larger than allowed",
                        ProofFailure.MALFORMED,
                        at -> Arrays.copyOf(at.request(), Protocol.MAX_REQUEST_BYTES + 1)),
                attack("request under the key of another kind", ProofFailure.REQUEST_TAG, at -> {
                    byte[] request = at.request();
                    // What the server itself tagged: the acknowledgement of an answer that was overheard.
                    byte[] answer = Wired.copy(at.serve(at.request()).get(0));
                    System.arraycopy(answer, 88, request, request.length - 32, 32);
                    return request;
                }));
    }

    /** Lesson 23: every field is covered. The item begins at 32: flags, path length, path "a/b", then the rest. */
    private static Stream<Arguments> fieldsOfARequest() {
        return Stream.of(
                        Arguments.of("version", 4, ProofFailure.REQUEST_TAG),
                        Arguments.of("number of files", 7, ProofFailure.REQUEST_TAG),
                        Arguments.of("session", 8, ProofFailure.UNKNOWN_SESSION),
                        Arguments.of("counter", 24, ProofFailure.REQUEST_TAG),
                        Arguments.of("flags", 32, ProofFailure.REQUEST_TAG),
                        Arguments.of("length of the path", 34, ProofFailure.REQUEST_TAG),
                        Arguments.of("path", 35, ProofFailure.REQUEST_TAG),
                        Arguments.of("log index", 45, ProofFailure.REQUEST_TAG),
                        Arguments.of("ordinal", 49, ProofFailure.REQUEST_TAG),
                        Arguments.of("digest", 50, ProofFailure.REQUEST_TAG),
                        Arguments.of("size", 89, ProofFailure.REQUEST_TAG),
                        Arguments.of("offset", 97, ProofFailure.REQUEST_TAG),
                        Arguments.of("length", 105, ProofFailure.REQUEST_TAG),
                        Arguments.of("tag", 106, ProofFailure.REQUEST_TAG))
                .map(field -> attack(
                        "request with another " + field.get()[0],
                        (ProofFailure) field.get()[2],
                        at -> flipped(at.request(), (int) field.get()[1])));
    }

    private static Stream<Arguments> kindsThatNobodySendsToAServer() {
        return Stream.of(
                        MessageKind.HELLO_ANSWER,
                        MessageKind.ACKNOWLEDGEMENT,
                        MessageKind.REFUSAL,
                        MessageKind.FRAME,
                        MessageKind.WAIT,
                        MessageKind.TRAILER,
                        MessageKind.UNPROVEN)
                .map(kind -> attack("a message of the kind " + kind, ProofFailure.MALFORMED, at -> {
                    byte[] request = at.request();
                    request[5] = (byte) kind.code();
                    return request;
                }));
    }

    private static Stream<Arguments> noise() {
        return Stream.of(
                attack("nothing at all", ProofFailure.MALFORMED, at -> new byte[0]),
                attack("the magic number alone", ProofFailure.MALFORMED, at -> new byte[] {0x46, 0x52, 0x45, 0x50}),
                attack("a kind that does not exist", ProofFailure.MALFORMED, at -> flipped(at.request(), 5, 0x40)),
                attack("another magic number", ProofFailure.MALFORMED, at -> flipped(at.request(), 0)),
                attack("a megabyte of zeros", ProofFailure.MALFORMED, at -> new byte[MIB]),
                attack(
                        "an answer of the server itself",
                        ProofFailure.MALFORMED,
                        at -> Wired.copy(at.serve(at.request()).get(0))));
    }

    /** Whoever has not proven the secret gets eight bytes that are always the same. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("unproven")
    void isRefusedUniformlyAndLeavesNoTrace(String name, ProofFailure expected, Attack attack) throws Exception {
        byte[] message = attack.message(this);
        Map<ProofFailure, Long> before = new HashMap<>(node.server().stats().authFailures());
        State state = state();

        assertThat(serve(message)).containsExactly(Unproven.message());

        before.merge(expected, 1L, Long::sum);
        assertThat(node.server().stats().authFailures()).isEqualTo(before);
        assertThat(state()).isEqualTo(state);
        askHonestly();
        assertThat(state()).isEqualTo(state);
    }

    static Stream<Arguments> lies() {
        byte[] another = SampleFiles.content(2, 2 * MIB + 10);
        return Stream.of(
                Arguments.of(
                        "another version", RefusalCode.NOT_IN_MANIFEST, (Lie) at -> at.like(4, at.content, 0, MIB)),
                Arguments.of("a version to come", RefusalCode.BEHIND, (Lie) at -> at.like(6, at.content, 0, MIB)),
                Arguments.of("another digest", RefusalCode.NOT_IN_MANIFEST, (Lie) at -> at.like(5, another, 0, MIB)),
                Arguments.of(
                        "an offset within a chunk", RefusalCode.BAD_OFFSET, (Lie) at -> at.like(5, at.content, 1, MIB)),
                Arguments.of(
                        "a negative offset", RefusalCode.BAD_OFFSET, (Lie) at -> at.like(5, at.content, -MIB, MIB)),
                Arguments.of("an offset behind the end", RefusalCode.BAD_OFFSET, (Lie)
                        at -> at.like(5, at.content, 3 * MIB, 0)),
                Arguments.of("more than there is", RefusalCode.BAD_OFFSET, (Lie)
                        at -> at.like(5, at.content, 2 * MIB, MIB)));
    }

    private interface Lie {
        WantedRange range(ServerAdversaryTest at);
    }

    private WantedRange like(long index, byte[] bytes, long offset, long length) {
        FileVersion version = new FileVersion(entry.path(), new Lsn(index, 0));
        return new WantedRange(version, SampleFiles.digests(bytes).whole(), bytes.length, offset, length, false);
    }

    /** A member that knows the secret and asks for what it must not get. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void isRefusedInsideItsSession(String name, RefusalCode expected, Lie lie) throws Exception {
        State state = state();
        assertThat(ask(lie.range(this)))
                .containsExactly(new AnswerMessage.Refused(0, expected), new AnswerMessage.Trailer());
        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(expected, 1L));
        assertThat(state()).isEqualTo(state);
        askHonestly();
        assertThat(state()).isEqualTo(state);
    }

    /** It knows the secret, but the group does not know it. */
    @ParameterizedTest
    @MethodSource("strangers")
    void whoIsNoMemberGetsNothing(NodeId stranger) throws Exception {
        ClientSession ours = session;
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(stranger), SERVER, random);
        session = handshake.complete(serve(Wired.copy(handshake.hello())).get(0));
        assertThat(ask(wanted())).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        State state = state();
        assertThat(ask(wanted())).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        session = ours;
        askHonestly();
        assertThat(state()).isEqualTo(state);
    }

    static Stream<NodeId> strangers() {
        return Stream.of(STRANGER, NodeId.of("n1 "), NodeId.of("N1"));
    }

    static Stream<String> pathTricks() {
        return Stream.of(
                "../b", "/..", "./b", "a//b", "/a", "a/", "a\\b", "a:b", "a\0b", "a\nb", "", ".filereplication/x");
    }

    /** No path leads out of the storage root, or to what is our own, however it is written. */
    @ParameterizedTest
    @MethodSource("pathTricks")
    void aPathThatBreaksTheRulesIsRefused(String path) throws Exception {
        RawRequest member = new RawRequest(node, random);
        assertThat(member.answerTo("a/b", wanted())).hasSize(3);
        State state = state();

        assertThat(member.answerTo(path, wanted()))
                .containsExactly(new AnswerMessage.Refused(0, RefusalCode.INVALID_PATH), new AnswerMessage.Trailer());

        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(RefusalCode.INVALID_PATH, 1L));
        assertThat(state()).isEqualTo(state);
        assertThat(member.answerTo("a/b", wanted())).hasSize(3);
        askHonestly();
        assertThat(state()).isEqualTo(state);
    }

    private byte[] freshHello() {
        return helloOf(ServingNode.credentials(CLIENT));
    }

    private byte[] helloOf(Credentials credentials) {
        return Wired.copy(new ClientHandshake(credentials, SERVER, random).hello());
    }

    private byte[] requestOfAnotherSession() throws IOException, WireException {
        ClientSession first = session;
        connectAnew();
        askHonestly();
        byte[] request = request();
        session = first;
        return request;
    }

    private static byte[] flipped(byte[] message, int at) {
        return flipped(message, at, 1);
    }

    private static byte[] flipped(byte[] message, int at, int bits) {
        message[at] ^= (byte) bits;
        return message;
    }
}
