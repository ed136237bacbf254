package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport.Sent;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.Holdings;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RotatedSecrets;
import io.filereplication.wire.ServerSessions;
import io.filereplication.wire.Unproven;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends a session at the client, and what does not: whoever keeps hellos from being answered stops nobody who has one. */
class SessionRenewalTest extends FetchFixture {
    private static final Duration A_LONG_TIME = Duration.ofMinutes(5);
    private static final Duration SESSION_AGE = FetchConfig.defaults().sessionAge();
    /** The kind, as docs/protocol.md has it. */
    private static final int HELLO_ANSWER = 2;

    private static final FetchOutcome ALL = new FetchOutcome.Received(100);

    private final byte[] content = SampleFiles.content(1, 100);
    private final FileEntry entry = peer.hold("f", 5, content);

    @BeforeEach
    void aSessionIsOpened() throws InterruptedException {
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(1);
    }

    /** Each request of each session had a counter of its own. */
    @AfterEach
    void noCounterWasUsedTwice() {
        assertThat(peer.server().stats().toMap()).containsEntry("auth_failure_repeated_counter", 0L);
    }

    private FetchOutcome fetch() throws InterruptedException {
        return fetch(item(entry, content, 0));
    }

    private long hellos() {
        return peer.server().stats().hellos();
    }

    private int sessions() {
        return peer.server().stats().provenSessions();
    }

    private void keepBack(Predicate<byte[]> packets) {
        network.onAnswer(all -> all.stream()
                .map(sent -> packets.test(sent.bytes()) ? new Sent(sent.bytes(), A_LONG_TIME.toNanos()) : sent)
                .toList());
    }

    private static boolean isHelloAnswer(byte[] packet) {
        return packet[5] == HELLO_ANSWER;
    }

    private static boolean isUniformRefusal(byte[] packet) {
        return Unproven.is(ByteBuffer.wrap(packet));
    }

    @Test
    void aSessionIsRenewedWhenItIsOldEnough() throws InterruptedException {
        scheduler.advance(SESSION_AGE.minusSeconds(1));
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(1);
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(2);
        assertThat(sessions()).isEqualTo(2);
    }

    @Test
    void aRenewalThatMeetsSilenceLeavesTheSessionInUseAndIsTriedAgainAfterAPause() throws InterruptedException {
        scheduler.advance(SESSION_AGE);
        keepBack(SessionRenewalTest::isHelloAnswer);
        long begun = scheduler.nanoTime();
        for (int i = 0; i < 5; i++) {
            assertThat(fetch()).isEqualTo(ALL);
        }
        assertThat(hellos()).as("one renewal").isEqualTo(2);
        assertThat(sessions()).isEqualTo(1);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.WELL);

        scheduler.advance(PeerSessions.RENEWAL_PAUSE.minusNanos(scheduler.nanoTime() - begun));
        network.onAnswer(UnaryOperator.identity());
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(3);
        assertThat(sessions()).as("the one before, and the new one").isEqualTo(2);
    }

    @Test
    void aSessionThatIsNeverRenewedIsGivenUpBeforeItsServerEndsIt() throws InterruptedException {
        keepBack(SessionRenewalTest::isHelloAnswer);
        for (Duration age = Duration.ZERO; age.compareTo(PeerSessions.MAX_AGE) < 0; age = age.plusMinutes(5)) {
            assertThat(fetch()).as("at %s", age).isEqualTo(ALL);
            scheduler.advance(Duration.ofMinutes(5));
        }
        assertFailed(fetch(), SilentPeerException.class, 0);
        assertThat(peer.server().stats().authFailures()).isEmpty();
    }

    @Test
    void aPeerWithoutRoomForAnotherSessionIsAskedInTheOneThereIs() throws Exception {
        scheduler.advance(SESSION_AGE);
        for (int i = 0; i < ServerSessions.MAX_UNPROVEN_PER_NODE; i++) {
            Random random = new Random(1_000 + i);
            ByteBuffer hello = new ClientHandshake(ServingNode.credentials(ME), PEER, random).hello();
            peer.server().serve(hello, message -> {});
        }
        long before = hellos();
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).as("one that found no room").isEqualTo(before + 1);
        assertThat(sessions()).isEqualTo(1);

        scheduler.advance(PeerSessions.RENEWAL_PAUSE);
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(sessions()).isEqualTo(2);
    }

    /** The worker that renews waits; nobody else does. */
    @Test
    void othersGoOnInTheSessionWhileItIsRenewed() throws InterruptedException {
        scheduler.advance(SESSION_AGE);
        List<FetchOutcome> meanwhile = new ArrayList<>();
        network.onRequest(hello -> {
            network.onRequest(UnaryOperator.identity());
            try {
                meanwhile.add(fetch());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(hellos()).isEqualTo(1);
            return hello;
        });

        assertThat(fetch()).isEqualTo(ALL);

        assertThat(meanwhile).containsExactly(ALL);
        assertThat(hellos()).isEqualTo(2);
        assertThat(sessions()).isEqualTo(2);
    }

    @Test
    void aSessionThatIsRefusedWhileItIsRenewedIsNotComeBackTo() throws InterruptedException {
        scheduler.advance(SESSION_AGE);
        keepBack(SessionRenewalTest::isHelloAnswer);
        List<FetchOutcome> meanwhile = new ArrayList<>();
        AtomicInteger polls = new AtomicInteger();
        FetchItem impatient = new FetchItem(
                entry,
                new MemoryStagedFile(entry.version(), content, 0),
                new PrefixHasher(),
                () -> polls.incrementAndGet() > 20);
        network.onRequest(hello -> {
            network.onRequest(UnaryOperator.identity());
            peer.restart();
            try {
                meanwhile.add(fetch(impatient));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return hello;
        });

        assertFailed(fetch(), SilentPeerException.class, 0);

        assertFailed(meanwhile.get(0), FetchCancelledException.class, 0);
        assertThat(peer.server().stats().authFailures()).containsOnly(Map.entry(ProofFailure.UNKNOWN_SESSION, 1L));
        network.onAnswer(UnaryOperator.identity());
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(2);
    }

    @Test
    void aConnectionThatBreaksLeavesTheSessionAsItIs() throws InterruptedException {
        network.onAnswer(packets -> List.of()); // its end, and nothing before
        assertFailed(fetch(), UnreachableException.class, 0);
        network.onAnswer(UnaryOperator.identity());
        network.disconnect(PEER);
        assertFailed(fetch(), UnreachableException.class, 0);
        fetcher.reportMismatch(PEER, entry);
        connect();

        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(1);
    }

    /** The few refusals that a peer writes at once may be taken by somebody else; its places for hellos are others. */
    @Test
    void aSessionInWhichARequestMeetsSilenceMakesWayForAnother() throws InterruptedException {
        keepBack(SessionRenewalTest::isUniformRefusal);
        peer.restart();
        assertFailed(fetch(), SilentPeerException.class, 0);
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(1);

        peer.restart();
        fetcher.reportMismatch(PEER, entry);
        assertThat(peer.reverified).isEmpty();
        fetcher.reportMismatch(PEER, entry);
        assertThat(peer.reverified).containsExactly(entry);
    }

    /** Silence proves nothing of the session: where hellos meet it too, the session is still there when the peer speaks again. */
    @Test
    void aSessionOutlivesSilenceThatMeetsHellosAsWell() throws InterruptedException {
        keepBack(packet -> true);
        assertFailed(fetch(), SilentPeerException.class, 0);
        assertFailed(fetch(), SilentPeerException.class, 0);
        assertThat(hellos()).isEqualTo(2);

        network.onAnswer(UnaryOperator.identity());
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).as("in the session that there was").isEqualTo(2);
        assertThat(sessions()).isEqualTo(1);

        scheduler.advance(PeerSessions.RENEWAL_PAUSE);
        assertThat(fetch()).isEqualTo(ALL);
        assertThat(sessions()).isEqualTo(2);
    }

    @Test
    void aPeerThatSpeaksAndThenFallsSilentKeepsItsSession() throws InterruptedException {
        byte[] large = SampleFiles.content(2, 3 * MIB);
        FileEntry other = peer.hold("large", 6, large);
        network.onAnswer(
                packets -> List.of(packets.get(0), new Sent(packets.get(1).bytes(), A_LONG_TIME.toNanos())));
        assertFailed(fetch(item(other, large, 0)), SilentPeerException.class, MIB);
        network.onAnswer(UnaryOperator.identity());

        assertThat(fetch()).isEqualTo(ALL);
        assertThat(hellos()).isEqualTo(1);
    }

    /** Lesson 26: it is out of use before its secret is taken away, so that its end is no failure. */
    @Test
    void aSessionOfWhatIsNoMoreThePrimarySecretIsNotUsedHoweverSilentThePeer(@TempDir Path directory)
            throws InterruptedException {
        RotatedSecrets mine = new RotatedSecrets(directory.resolve("mine"), scheduler::nanoTime);
        RotatedSecrets theirs = new RotatedSecrets(directory.resolve("theirs"), scheduler::nanoTime);
        mine.write(List.of("k1", "k2"));
        theirs.write(List.of("k1", "k2"));
        Holdings holdings = new Holdings(peer.manifest, peer.files, () -> peer.members, bad -> true);
        try (FileServer server = new FileServer(credentials(theirs, PEER), holdings, peer.capacity, new Random(5))) {
            network.connect(PEER, server::serve);
            AuthenticatedFetcher rotating = fetcher(credentials(mine, ME));
            assertThat(rotating.fetch(PEER, List.of(item(entry, content, 0)))).containsExactly(ALL);

            mine.write(List.of("k2", "k1"));
            scheduler.advance(Duration.ofSeconds(2));
            keepBack(SessionRenewalTest::isHelloAnswer);
            assertFailed(rotating.fetch(PEER, List.of(item(entry, content, 0))).get(0), SilentPeerException.class, 0);
            network.onAnswer(UnaryOperator.identity());
            assertThat(rotating.fetch(PEER, List.of(item(entry, content, 0)))).containsExactly(ALL);

            theirs.write(List.of("k2"));
            scheduler.advance(Duration.ofSeconds(2));
            assertThat(rotating.fetch(PEER, List.of(item(entry, content, 0)))).containsExactly(ALL);
            assertThat(server.stats().authFailures()).isEmpty();
            assertThat(server.stats().hellos()).isEqualTo(3);
        }
    }

    private static Credentials credentials(RotatedSecrets secrets, NodeId self) {
        return new Credentials(secrets.open(), ServingNode.CLUSTER, ServingNode.GROUP, self);
    }
}
