package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    void aHelloForAnotherServerIsRefused() {
        ByteBuffer hello = new ClientHandshake(wired.client, NodeId.of("n3"), wired.random).hello();
        assertThatThrownBy(() -> wired.server.answerHello(hello)).isInstanceOf(ForgedMessageException.class);
    }

    @Test
    void anAnswerToAnotherHelloIsRefused() throws WireException {
        ClientHandshake first = wired.hello();
        ClientHandshake second = wired.hello();
        ByteBuffer answer = wired.server.answerHello(first.hello());

        assertThatThrownBy(() -> second.complete(answer)).isInstanceOf(ForgedMessageException.class);
        first.complete(answer);
    }

    @Test
    void aReflectedHelloIsRefused() {
        ClientHandshake handshake = wired.hello();
        assertThatThrownBy(() -> handshake.complete(handshake.hello())).isInstanceOf(MalformedMessageException.class);
        ServerSessions ourselves = new ServerSessions(wired.client, wired.now::get, wired.random);
        assertThatThrownBy(() -> ourselves.answerHello(handshake.hello())).isInstanceOf(ForgedMessageException.class);
        assertThat(ourselves.unproven()).isZero();
    }

    @Test
    void theUniformRefusalIsTold() {
        assertThatThrownBy(() -> wired.hello().complete(Unproven.message()))
                .isInstanceOf(SessionRefusedException.class);
    }

    @Test
    void aHelloThatIsRepeatedGetsNoSecondSession() throws WireException {
        ClientHandshake handshake = wired.hello();
        ByteBuffer first = wired.server.answerHello(handshake.hello());
        ByteBuffer again = wired.server.answerHello(handshake.hello());
        assertThat(again).isEqualTo(first);
        assertThat(wired.server.unproven()).isEqualTo(1);

        wired.server.open(Wired.request(handshake.complete(first)));
        assertThatThrownBy(() -> wired.server.answerHello(handshake.hello()))
                .isInstanceOf(ForgedMessageException.class);
        assertThat(wired.server.unproven()).isZero();
    }

    @Test
    void buildsWithoutACommonVersionSaySo() {
        ClientHandshake newer = new ClientHandshake(wired.client, Wired.SERVER, wired.random, 2, 3);

        assertThatThrownBy(() -> newer.complete(wired.server.answerHello(newer.hello())))
                .isInstanceOf(NoCommonVersionException.class)
                .hasMessageContaining("2 to 3")
                .hasMessageContaining("1 to 1");
        assertThat(wired.server.unproven()).isZero();
    }

    @Test
    void aNewerBuildAgreesOnOurVersion() throws WireException {
        ClientHandshake newer = new ClientHandshake(wired.client, Wired.SERVER, wired.random, 1, 200);
        ClientSession session = newer.complete(wired.server.answerHello(newer.hello()));
        assertThat(wired.server.open(Wired.request(session)).hasSessionsVersion())
                .isTrue();
    }

    @Test
    void everyTruncatedHelloIsRefused() throws WireException {
        byte[] hello = Wired.copy(wired.hello().hello());
        for (int length = 0; length < hello.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(hello, 0, length);
            assertThatThrownBy(() -> wired.server.answerHello(cut)).isInstanceOf(MalformedMessageException.class);
        }
        ByteBuffer longer = ByteBuffer.wrap(Arrays.copyOf(hello, hello.length + 1));
        assertThatThrownBy(() -> wired.server.answerHello(longer)).isInstanceOf(MalformedMessageException.class);
        assertThat(wired.server.unproven()).isZero();
        wired.server.answerHello(ByteBuffer.wrap(hello));
    }

    @Test
    void everyFlippedBitOfAHelloIsRefused() throws WireException {
        byte[] hello = Wired.copy(wired.hello().hello());
        for (int bit = 0; bit < hello.length * 8; bit++) {
            hello[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> wired.server.answerHello(ByteBuffer.wrap(hello)))
                    .isInstanceOf(WireException.class);
            hello[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(wired.server.unproven()).isZero();
        wired.server.answerHello(ByteBuffer.wrap(hello));
    }

    @Test
    void everyFlippedBitAndTruncationOfAnAnswerIsRefused() throws WireException {
        ClientHandshake handshake = wired.hello();
        byte[] answer = Wired.copy(wired.server.answerHello(handshake.hello()));
        for (int bit = 0; bit < answer.length * 8; bit++) {
            answer[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> handshake.complete(ByteBuffer.wrap(answer)))
                    .isInstanceOf(WireException.class);
            answer[bit / 8] ^= (byte) (1 << bit % 8);
        }
        for (int length = 0; length < answer.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(answer, 0, length);
            assertThatThrownBy(() -> handshake.complete(cut)).isInstanceOf(WireException.class);
        }
        handshake.complete(ByteBuffer.wrap(answer));
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
        HelloAnswer answer = HelloAnswer.read(wired.server.answerHello(handshake.hello()));
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
