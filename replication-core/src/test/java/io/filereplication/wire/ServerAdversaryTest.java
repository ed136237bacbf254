package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks on a whole serving node by somebody who has not proven the secret. Each begins with an honest exchange that succeeds,
 * then sends what an attacker would, sees it refused for the expected reason, counted once and answered uniformly, and ends with
 * the honest exchange succeeding again, in the session that there was and after a fresh handshake; sessions, permits, buffers,
 * threads, open files and tasks are then what they were.
 */
class ServerAdversaryTest extends ServerAdversaryFixture {
    /** Makes, from a node with a proven session, the message to send. */
    private interface Attack {
        byte[] message(ServerAdversaryTest at) throws Exception;
    }

    private byte[] request() {
        return Wired.copy(session.request(List.of(wanted())).message());
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
        assertAllIsAsIn(state);
    }

    /** A number that was used, or is none, under a valid tag over whatever else. */
    @Test
    void aCounterIsUsedOnceWhateverItIsUsedFor() throws Exception {
        RawRequest member = new RawRequest(node, random);
        byte[] item = RawRequest.item(0, entry.path().toUtf8(), wanted());
        for (int i = 0; i < 3; i++) {
            assertThat(member.answerTo("a/b", wanted())).hasSize(3);
        }
        State state = state();
        byte[] other = RawRequest.item(0, entry.path().toUtf8(), WantedRange.of(entry, MIB, MIB));
        long[] counters = {member.counter(), member.counter() - 1, 1, 0, -1, Long.MIN_VALUE};
        for (long counter : counters) {
            assertThat(member.serveWithCounter(counter, other)).containsExactly(Unproven.message());
        }
        assertThat(node.server().stats().authFailures())
                .containsOnly(Map.entry(ProofFailure.REPEATED_COUNTER, (long) counters.length));
        assertThat(member.serveWithCounter(member.counter() + 1, item))
                .isNotEmpty()
                .doesNotContain(Unproven.message());
        assertAllIsAsIn(state);
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
