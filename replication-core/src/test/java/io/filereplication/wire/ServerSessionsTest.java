package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerSessionsTest {
    private final Wired wired = new Wired();

    /** Lesson 27: unproven sessions are few, and a flood of them displaces no proven one. */
    @Test
    void aFloodOfHellosDisplacesNoProvenSession() throws WireException {
        ClientSession proven = wired.connect();
        wired.server.open(Wired.request(proven));
        for (int node = 0; node < 40; node++) {
            Credentials claimed = Wired.credentials(NodeId.of("m" + node));
            for (int i = 0; i < 20; i++) {
                wired.server.answerHello(wired.hello(claimed).hello());
                assertThat(wired.server.unproven()).isLessThanOrEqualTo(ServerSessions.MAX_UNPROVEN);
            }
        }
        assertThat(wired.server.unproven()).isEqualTo(ServerSessions.MAX_UNPROVEN);
        assertThat(wired.server.proven()).isEqualTo(1);
        wired.server.open(Wired.request(proven));
    }

    @Test
    void oneClaimedNodeHasSixteenUnprovenSessionsAtMost() throws WireException {
        ClientHandshake handshake = wired.hello(Wired.credentials(NodeId.of("m1")));
        ClientSession other =
                handshake.complete(wired.server.answerHello(handshake.hello()).answer());
        List<ClientSession> sessions = new ArrayList<>();
        for (int i = 0; i < ServerSessions.MAX_UNPROVEN_PER_NODE; i++) {
            sessions.add(wired.connect());
        }
        assertThatThrownBy(wired::connect).isInstanceOf(NoRoomException.class);
        assertThat(wired.server.answerHello(wired.hello().hello()).opensSession())
                .isFalse();
        wired.pass(6);
        sessions.add(wired.connect());

        assertThat(wired.server.unproven()).isEqualTo(ServerSessions.MAX_UNPROVEN_PER_NODE + 1);
        assertThatThrownBy(() -> wired.server.open(Wired.request(sessions.get(0))))
                .as("the oldest, which had time enough")
                .isInstanceOf(ForgedMessageException.class);
        wired.server.open(Wired.request(sessions.get(ServerSessions.MAX_UNPROVEN_PER_NODE)));
        wired.server.open(Wired.request(other));
    }

    /** Whoever recorded hellos, of this process or of the one before, cannot end a handshake that is under way. */
    @Test
    void recordedHellosDisplaceNoHandshakeUnderWay() throws WireException {
        List<ByteBuffer> recorded = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            recorded.add(wired.hello().hello());
        }
        ClientHandshake handshake = wired.hello();
        ByteBuffer answer = wired.server.answerHello(handshake.hello()).answer();
        for (ByteBuffer hello : recorded) {
            wired.server.answerHello(hello);
        }
        assertThat(wired.server.unproven()).isEqualTo(ServerSessions.MAX_UNPROVEN_PER_NODE);
        wired.server.open(Wired.request(handshake.complete(answer)));
        assertThat(wired.server.proven()).isEqualTo(1);
    }

    /** So recorded hellos are used up, and keep nobody out for longer than a few seconds each sixteen. */
    @Test
    void aRecordedHelloOpensOneSessionAtMost() throws WireException {
        List<ByteBuffer> recorded = new ArrayList<>();
        for (int i = 0; i < ServerSessions.MAX_UNPROVEN_PER_NODE; i++) {
            recorded.add(wired.hello().hello());
            wired.server.answerHello(recorded.get(i));
        }
        wired.pass(31);
        for (ByteBuffer hello : recorded) {
            assertThatThrownBy(() -> wired.server.answerHello(hello))
                    .isInstanceOfSatisfying(
                            ForgedMessageException.class,
                            e -> assertThat(e.proofFailure()).isEqualTo(ProofFailure.REPEATED_HELLO));
        }
        assertThat(wired.server.unproven()).isZero();
        wired.server.open(Wired.request(wired.connect()));
    }

    @Test
    void rememberedHellosAreBounded() {
        HeardHellos heard = new HeardHellos();
        for (int i = 0; i <= HeardHellos.MAX_REMEMBERED; i++) {
            heard.add(nonce(i));
        }
        assertThat(heard.contains(nonce(0))).as("the oldest").isFalse();
        assertThat(heard.contains(nonce(1))).isTrue();
        assertThat(heard.contains(nonce(HeardHellos.MAX_REMEMBERED))).isTrue();
    }

    private static byte[] nonce(long number) {
        return ByteBuffer.allocate(Protocol.NONCE_BYTES).putLong(number).array();
    }

    @Test
    void provenSessionsAreBoundedAndTheIdlestMakesRoom() throws WireException {
        List<ClientSession> sessions = new ArrayList<>();
        for (int i = 0; i <= ServerSessions.MAX_PROVEN_PER_NODE; i++) {
            wired.pass(1);
            sessions.add(wired.connect());
            wired.server.open(Wired.request(sessions.get(i)));
            wired.server.open(Wired.request(sessions.get(0)));
        }
        assertThat(wired.server.proven()).isEqualTo(ServerSessions.MAX_PROVEN_PER_NODE);
        assertThatThrownBy(() -> wired.server.open(Wired.request(sessions.get(1))))
                .isInstanceOf(ForgedMessageException.class);
        wired.server.open(Wired.request(sessions.get(0)));
    }

    /** It knows the secret and may claim any name: its sessions are few, run out, and take no room of a member's. */
    @Test
    void aSessionOfWhoIsNoMemberIsNotKept() throws WireException {
        ClientSession members = wired.connect();
        wired.server.open(Wired.request(members));
        ClientHandshake handshake = wired.hello(Wired.credentials(NodeId.of("stranger")));
        ClientSession strangers =
                handshake.complete(wired.server.answerHello(handshake.hello()).answer());
        wired.server.open(Wired.request(strangers));
        assertThat(wired.server.open(Wired.request(strangers)).client()).isEqualTo(NodeId.of("stranger"));
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(1, 1);

        wired.pass(31);
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(1, 0);
        assertThatThrownBy(() -> wired.server.open(Wired.request(strangers)))
                .isInstanceOf(ForgedMessageException.class);
        wired.server.open(Wired.request(members));
    }

    @Test
    void aSessionIsKeptFromTheFirstRequestAsAMember() throws WireException {
        NodeId joining = NodeId.of("joining");
        ClientHandshake handshake = wired.hello(Wired.credentials(joining));
        ClientSession session =
                handshake.complete(wired.server.answerHello(handshake.hello()).answer());
        wired.server.open(Wired.request(session));
        wired.members.add(joining);
        wired.server.open(Wired.request(session));
        assertThat(wired.server.provenByNode()).containsExactly(Map.entry(joining, 1));
        wired.pass(31);
        wired.server.open(Wired.request(session));
    }

    /** It is refused, and what it had of a member it has no longer; while nobody knows who is a member, it keeps it. */
    @Test
    void aProvenSessionOfARemovedMemberIsNotKept() throws WireException {
        ClientSession session = wired.connect();
        wired.server.open(Wired.request(session));
        wired.pass(600);
        wired.members.clear();
        wired.server.open(Wired.request(session));
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(1, 0);

        wired.members.add(Wired.SERVER);
        wired.server.open(Wired.request(session));
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(0, 1);
        wired.pass(20);
        wired.server.open(Wired.request(session));
        wired.pass(11);
        assertThatThrownBy(() -> wired.server.open(Wired.request(session))).isInstanceOf(ForgedMessageException.class);
        assertThat(List.of(wired.server.proven(), wired.server.unproven())).containsExactly(0, 0);
    }

    /** Of the places of those that wait it takes none that another has. */
    @Test
    void aRemovedMembersSessionEndsAtOnceWhenThereIsNoRoomForIt() throws WireException {
        ClientSession session = wired.connect();
        wired.server.open(Wired.request(session));
        for (int i = 0; i < ServerSessions.MAX_UNPROVEN_PER_NODE; i++) {
            wired.connect();
        }
        wired.members.remove(Wired.CLIENT);
        wired.server.open(Wired.request(session));
        assertThat(List.of(wired.server.proven(), wired.server.unproven()))
                .containsExactly(0, ServerSessions.MAX_UNPROVEN_PER_NODE);
        assertThatThrownBy(() -> wired.server.open(Wired.request(session))).isInstanceOf(ForgedMessageException.class);
    }

    @Test
    void aSessionDiesWithTheServersProcess() throws WireException {
        ClientSession session = wired.connect();
        wired.server.open(Wired.request(session));
        wired.server = wired.newServer();

        assertThatThrownBy(() -> wired.server.open(Wired.request(session))).isInstanceOf(ForgedMessageException.class);
        assertThat(wired.server.proven()).isZero();
    }

    @Test
    void sessionsEndAfterATime() throws WireException {
        ClientSession unproven = wired.connect();
        ClientSession proven = wired.connect();
        wired.server.open(Wired.request(proven));
        wired.pass(31);
        assertThatThrownBy(() -> wired.server.open(Wired.request(unproven))).isInstanceOf(ForgedMessageException.class);
        wired.server.open(Wired.request(proven));
        wired.pass(3_600);
        assertThatThrownBy(() -> wired.server.open(Wired.request(proven))).isInstanceOf(ForgedMessageException.class);
        assertThat(wired.server.unproven() + wired.server.proven()).isZero();
    }

    /** Lesson 26: secrets rotate without downtime, and one that was taken away ends its sessions. */
    @Test
    void aSecretRotatesWithoutDowntime(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("secrets");
        String old = "old:" + "ab".repeat(32);
        String fresh = "new:" + "cd".repeat(32);
        write(file, old);
        ClusterSecrets secrets = ClusterSecrets.fromFile(file, wired.now::get);
        Credentials serverSide = new Credentials(secrets, Wired.CLUSTER, Wired.GROUP, Wired.SERVER);
        ServerSessions server = new ServerSessions(serverSide, () -> wired.members, wired.now::get, wired.random);
        ClientSession ofOld = open(server, old);

        write(file, old + "\n" + fresh);
        wired.pass(2);
        ClientSession ofNew = open(server, fresh);
        server.open(Wired.request(ofOld));

        write(file, fresh);
        wired.pass(2);
        assertThatThrownBy(() -> server.open(Wired.request(ofOld))).isInstanceOf(ForgedMessageException.class);
        assertThatThrownBy(() -> open(server, old)).isInstanceOf(ForgedMessageException.class);
        server.open(Wired.request(ofNew));
        assertThat(server.proven()).isEqualTo(1);
    }

    private ClientSession open(ServerSessions server, String secret) throws Exception {
        Credentials credentials =
                new Credentials(ClusterSecrets.ofText(secret, "a test"), Wired.CLUSTER, Wired.GROUP, Wired.CLIENT);
        ClientHandshake handshake = wired.hello(credentials);
        ClientSession session =
                handshake.complete(server.answerHello(handshake.hello()).answer());
        server.open(Wired.request(session));
        return session;
    }

    private static void write(Path file, String text) throws Exception {
        Path other = file.resolveSibling("next");
        Files.writeString(other, text);
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void kindsAreToldWithoutBelievingThem() {
        assertThat(ServerSessions.kindOf(wired.hello().hello())).isEqualTo(MessageKind.HELLO);
        assertThat(ServerSessions.kindOf(Unproven.message())).isEqualTo(MessageKind.UNPROVEN);
        assertThat(ServerSessions.kindOf(ByteBuffer.allocate(0))).isNull();
        assertThat(ServerSessions.kindOf(ByteBuffer.allocate(100))).isNull();
    }
}
