package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HandshakeTest {
    private final Wired wired = new Wired();

    @Test
    void aSessionIsProvenByItsFirstRequest() throws WireException {
        ClientSession session = wired.connect();
        assertThat(wired.server.unproven()).isEqualTo(1);
        assertThat(wired.server.proven()).isZero();

        ProvenRequest request = wired.server.open(Wired.request(session));

        assertThat(request.client()).isEqualTo(Wired.CLIENT);
        assertThat(request.hasSessionsVersion()).isTrue();
        assertThat(request.items()).containsExactly(Wired.wanted("a/b", 10));
        assertThat(wired.server.unproven()).isZero();
        assertThat(wired.server.proven()).isEqualTo(1);
    }

    static Stream<Credentials> strangers() {
        ClusterSecrets right = ClusterSecrets.of("k1", Wired.SECRET);
        return Stream.of(
                new Credentials(ClusterSecrets.of("k1", Wired.bytes(32, 2)), Wired.CLUSTER, Wired.GROUP, Wired.CLIENT),
                new Credentials(ClusterSecrets.of("k2", Wired.SECRET), Wired.CLUSTER, Wired.GROUP, Wired.CLIENT),
                new Credentials(right, "other", Wired.GROUP, Wired.CLIENT),
                new Credentials(
                        right, Wired.CLUSTER, GroupId.of("00112233-4455-6677-8899-aabbccddeefe"), Wired.CLIENT));
    }

    /** Wrong secret, wrong key id, wrong cluster, wrong group: refused, and nothing is kept. */
    @ParameterizedTest
    @MethodSource("strangers")
    void aHelloOfSomebodyElseStoresNothing(Credentials stranger) throws WireException {
        wired.connect();
        ByteBuffer hello = wired.hello(stranger).hello();

        assertThatThrownBy(() -> wired.server.answerHello(hello)).isInstanceOf(ForgedMessageException.class);
        assertThat(wired.server.unproven()).isEqualTo(1);

        wired.connect();
        assertThat(wired.server.unproven()).isEqualTo(2);
    }

    @Test
    void aHelloForAnotherServerIsRefused() throws WireException {
        ByteBuffer other = new ClientHandshake(wired.client, NodeId.of("n3"), wired.random).hello();
        assertHelloRefused(hello -> Wired.copy(other), ForgedMessageException.class);
    }

    /** A hello is accepted and its session proven; the attacked one is refused; the next is accepted again. */
    private void assertHelloRefused(UnaryOperator<byte[]> attack, Class<? extends WireException> reason)
            throws WireException {
        wired.server.open(Wired.request(wired.connect()));
        int proven = wired.server.proven();
        int unproven = wired.server.unproven();
        ByteBuffer attacked =
                ByteBuffer.wrap(attack.apply(Wired.copy(wired.hello().hello())));
        assertThatThrownBy(() -> wired.server.answerHello(attacked)).isExactlyInstanceOf(reason);
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(proven, unproven);
        wired.server.open(Wired.request(wired.connect()));
    }

    /** An answer is accepted and its session serves; the attacked one is refused; the handshake still takes the right one. */
    private void assertAnswerRefused(UnaryOperator<byte[]> attack, Class<? extends WireException> reason)
            throws WireException {
        wired.server.open(Wired.request(wired.connect()));
        ClientHandshake handshake = wired.hello();
        byte[] answer = Wired.copy(wired.server.answerHello(handshake.hello()).answer());
        ByteBuffer attacked = ByteBuffer.wrap(attack.apply(answer.clone()));
        assertThatThrownBy(() -> handshake.complete(attacked)).isExactlyInstanceOf(reason);
        wired.server.open(Wired.request(handshake.complete(ByteBuffer.wrap(answer))));
        assertThat(wired.server.unproven()).isZero();
    }

    private static UnaryOperator<byte[]> flipped(int bit) {
        return message -> {
            message[bit / 8] ^= (byte) (1 << bit % 8);
            return message;
        };
    }

    @Test
    void anAnswerToAnotherHelloIsRefused() throws WireException {
        byte[] other =
                Wired.copy(wired.server.answerHello(wired.hello().hello()).answer());
        wired.pass(60);
        assertAnswerRefused(answer -> other, ForgedMessageException.class);
    }

    @Test
    void aReflectedHelloIsRefused() throws WireException {
        ClientHandshake handshake = wired.hello();
        assertAnswerRefused(answer -> Wired.copy(handshake.hello()), MalformedMessageException.class);
        ServerSessions ourselves = new ServerSessions(wired.client, () -> wired.members, wired.now::get, wired.random);
        assertThatThrownBy(() -> ourselves.answerHello(handshake.hello())).isInstanceOf(ForgedMessageException.class);
        assertThat(ourselves.unproven()).isZero();
    }

    @Test
    void theUniformRefusalIsTold() throws WireException {
        assertAnswerRefused(answer -> Wired.copy(Unproven.message()), SessionRefusedException.class);
    }

    @Test
    void aHelloThatIsRepeatedGetsNoSecondSession() throws WireException {
        ClientHandshake handshake = wired.hello();
        AnsweredHello first = wired.server.answerHello(handshake.hello());
        AnsweredHello again = wired.server.answerHello(handshake.hello());
        assertThat(first.opensSession()).isTrue();
        assertThat(again).isEqualTo(new AnsweredHello(first.answer(), false));
        assertThat(wired.server.unproven()).isEqualTo(1);

        wired.server.open(Wired.request(handshake.complete(first.answer())));
        assertThatThrownBy(() -> wired.server.answerHello(handshake.hello()))
                .isInstanceOf(ForgedMessageException.class);
        assertThat(wired.server.unproven()).isZero();
    }

    @Test
    void buildsWithoutACommonVersionSaySo() throws WireException {
        ClientHandshake newer = new ClientHandshake(wired.client, Wired.SERVER, wired.random, 2, 3);

        assertThat(wired.server.answerHello(newer.hello()).opensSession()).isFalse();
        assertThatThrownBy(() ->
                        newer.complete(wired.server.answerHello(newer.hello()).answer()))
                .isInstanceOf(NoCommonVersionException.class)
                .hasMessageContaining("2 to 3")
                .hasMessageContaining("1 to 1");
        assertThat(wired.server.unproven()).isZero();
    }

    /** Nobody can talk a build back into a version that it has given up, not even somebody who knows the secret. */
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 3", "2, 3", "4, 4", "254, 254"})
    void aVersionThatIsNotTheHighestInCommonIsRefused(int chosen, int highest) throws WireException {
        assertThat(connectTo(3, 3)).isNotNull();
        assertThatThrownBy(() -> connectTo(chosen, highest)).isExactlyInstanceOf(MalformedMessageException.class);
        assertThat(connectTo(2, 2)).isNotNull();
    }

    /** A build that speaks the versions 2 to 3 with one that speaks those from 1 on, and chooses. */
    private ClientSession connectTo(int chosen, int highest) throws WireException {
        return connectTo(chosen, highest, new SessionId(1, 2));
    }

    private ClientSession connectTo(int chosen, int highest, SessionId session) throws WireException {
        ClientHandshake handshake = new ClientHandshake(wired.client, Wired.SERVER, wired.random, 2, 3);
        Hello hello = Hello.read(handshake.hello());
        byte[] nonce = Wired.bytes(32, 7);
        KeySchedule schedule =
                new KeySchedule(new ClusterSecret("k1", Wired.SECRET), wired.client.asClientOf(Wired.SERVER));
        SecretKeySpec key = schedule.helloAnswerKey(hello.nonce(), nonce);
        ByteBuffer answer = ByteBuffer.wrap(HelloAnswer.write(hello, nonce, session, chosen, key));
        answer.put(6, (byte) 1).put(7, (byte) highest);
        new Tagger(key)
                .update(hello.message(), 0, hello.message().limit())
                .update(answer, 0, HelloAnswer.BYTES - Protocol.TAG_BYTES)
                .finish(answer.position(HelloAnswer.BYTES - Protocol.TAG_BYTES));
        return handshake.complete(answer.flip());
    }

    /** A message has one form. */
    @Test
    void anAnswerNamesASessionExactlyIfItOpensOne() throws WireException {
        SessionId none = new SessionId(0, 0);
        assertThatThrownBy(() -> connectTo(HelloAnswer.NO_VERSION, 1, none))
                .isExactlyInstanceOf(NoCommonVersionException.class);
        assertThatThrownBy(() -> connectTo(HelloAnswer.NO_ROOM, 3, none)).isExactlyInstanceOf(NoRoomException.class);
        assertThat(connectTo(3, 3)).isNotNull();
        for (int without : new int[] {HelloAnswer.NO_VERSION, HelloAnswer.NO_ROOM}) {
            assertThatThrownBy(() -> connectTo(without, 3)).isExactlyInstanceOf(MalformedMessageException.class);
        }
        assertThatThrownBy(() -> connectTo(3, 3, none)).isExactlyInstanceOf(MalformedMessageException.class);
    }

    /** Names have limits, and nothing is made of a longer one. */
    @ParameterizedTest
    @CsvSource({"64, 128, UNKNOWN_KEY", "65, 128, MALFORMED", "64, 129, MALFORMED", "255, 255, MALFORMED"})
    void namesThatAreTooLongAreRefused(int keyId, int nodeId, ProofFailure expected) throws WireException {
        wired.server.open(Wired.request(wired.connect()));
        ByteBuffer hello = ByteBuffer.allocate(42 + keyId + nodeId + Protocol.TAG_BYTES);
        hello.put(wired.hello().hello().slice(0, 40));
        hello.put((byte) keyId).put("k".repeat(keyId).getBytes(StandardCharsets.US_ASCII));
        hello.put((byte) nodeId).put("n".repeat(nodeId).getBytes(StandardCharsets.US_ASCII));
        ByteBuffer message = hello.clear();
        assertThatThrownBy(() -> wired.server.answerHello(message))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.proofFailure()).isEqualTo(expected));
        wired.server.open(Wired.request(wired.connect()));
    }

    @Test
    void aNewerBuildAgreesOnOurVersion() throws WireException {
        ClientHandshake newer = new ClientHandshake(wired.client, Wired.SERVER, wired.random, 1, 200);
        ClientSession session =
                newer.complete(wired.server.answerHello(newer.hello()).answer());
        assertThat(wired.server.open(Wired.request(session)).hasSessionsVersion())
                .isTrue();
    }

    @Test
    void everyTruncatedHelloIsRefused() throws WireException {
        byte[] hello = Wired.copy(wired.hello().hello());
        for (int length = 0; length <= hello.length + 1; length++) {
            int bytes = length;
            if (bytes != hello.length) {
                assertHelloRefused(message -> Arrays.copyOf(message, bytes), MalformedMessageException.class);
            }
        }
    }

    @Test
    void everyFlippedBitOfAHelloIsRefused() throws WireException {
        byte[] hello = Wired.copy(wired.hello().hello());
        for (int bit = 0; bit < hello.length * 8; bit++) {
            int at = bit / 8;
            // Magic, format and kind; the lengths of both names; what is no name. All else is covered by the tag.
            boolean none = at < 6 || at == 40 || at == 43 || isNoNameWith(bit);
            assertHelloRefused(flipped(bit), none ? MalformedMessageException.class : ForgedMessageException.class);
        }
    }

    /** Whether the key id, at 41, is no text when this bit is flipped, or the node id, at 44, has a control character. */
    private static boolean isNoNameWith(int bit) {
        int at = bit / 8;
        boolean name = at == 41 || at == 42 || at == 44 || at == 45;
        return (name && bit % 8 == 7) || (at == 45 && bit % 8 == 5);
    }

    @Test
    void everyFlippedBitAndTruncationOfAnAnswerIsRefused() throws WireException {
        for (int bit = 0; bit < HelloAnswer.BYTES * 8; bit++) {
            boolean none = bit / 8 < 6;
            assertAnswerRefused(flipped(bit), none ? MalformedMessageException.class : ForgedMessageException.class);
        }
        for (int length = 0; length <= HelloAnswer.BYTES + 1; length++) {
            int bytes = length;
            if (bytes != HelloAnswer.BYTES) {
                assertAnswerRefused(answer -> Arrays.copyOf(answer, bytes), MalformedMessageException.class);
            }
        }
    }

    @Test
    void twoSessionsShareNoKey() throws WireException {
        ClientSession first = wired.connect();
        ClientSession second = wired.connect();
        byte[] ofFirst = Wired.copy(Wired.request(first));
        byte[] ofSecond = Wired.copy(Wired.request(second));
        // The second session's name and counter over the first session's tag.
        System.arraycopy(ofSecond, 8, ofFirst, 8, 16);

        assertThatThrownBy(() -> wired.server.open(ByteBuffer.wrap(ofFirst)))
                .isInstanceOf(ForgedMessageException.class);
        wired.server.open(ByteBuffer.wrap(ofSecond));
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(1, 1);
    }

    /** Lesson 38's counterpart on the wire: what this build does not speak is refused by type, not misread. */
    @Test
    void aRequestOfANewerVersionIsAuthenticButNotTheSessions() throws WireException {
        ClientHandshake handshake = wired.hello();
        HelloAnswer answer =
                HelloAnswer.read(wired.server.answerHello(handshake.hello()).answer());
        SessionKeys keys = new KeySchedule(
                        new ClusterSecret("k1", Wired.SECRET),
                        new Ends(Wired.CLUSTER, Wired.GROUP, Wired.CLIENT, Wired.SERVER))
                .sessionKeys(1, Hello.read(handshake.hello()).nonce(), answer.nonce(), answer.sessionId);
        List<WantedRange> items = List.of(Wired.wanted("a", 1));
        Tagger tagger = keys.tagger(MessageKind.REQUEST);

        ByteBuffer ours = RequestCodec.write(1, answer.sessionId, 1, items, tagger);
        assertThat(wired.server.open(ours).hasSessionsVersion()).isTrue();
        ByteBuffer newer = RequestCodec.write(2, answer.sessionId, 2, items, tagger);
        assertThat(wired.server.open(newer).hasSessionsVersion()).isFalse();
    }
}
