package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.PrefixHasher;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeConfig;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.ServerSessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Sessions, waiting, cancelling and limits of a fetch. */
class FetchSessionsAndTimeTest extends FetchFixture {
    @Test
    void aSessionThatThePeerForgotIsOpenedAgain() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        fetch(item(entry, content, 0));
        peer.restart();

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(100));
        assertThat(network.sentRequests())
                .as("hello, request, refused, hello, request")
                .isEqualTo(5);
    }

    @Test
    void aPeerThatRestartsBetweenTwoRangesCostsNothing() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 30 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        AtomicInteger chunks = new AtomicInteger();
        peer.files.onRead((version, position) -> {
            if (chunks.incrementAndGet() == 12) {
                peer.restart();
            }
        });

        FetchItem item = item(entry, content, 0);
        FetchOutcome outcome = fetch(item);

        // The answer that was being sent ends with the process; the rest is another attempt's.
        assertThat(outcome.receivedBytes()).isGreaterThanOrEqualTo(8 * MIB);
        FetchItem rest = new FetchItem(entry, item.destination(), item.hasher(), () -> false);
        assertThat(fetch(rest)).isEqualTo(new FetchOutcome.Received(30L * MIB - outcome.receivedBytes()));
        assertThat(staged(rest)).isEqualTo(content);
    }

    @Test
    void saysHelloAtMostOnceASecond() throws InterruptedException {
        network.onRequest(bytes -> {
            bytes[bytes.length - 1] ^= 1;
            return bytes;
        });
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        for (int i = 0; i < 50; i++) {
            assertFailed(fetch(item(entry, content, 0)), AuthenticationException.class, 0);
            scheduler.advance(Duration.ofMillis(100));
        }
        assertThat(network.sentRequests()).isLessThanOrEqualTo(6);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.RESTING);
    }

    @Test
    void aWrongSecretIsAnAuthenticationFailure() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        Credentials wrong = new Credentials(
                ClusterSecrets.of("k1", SampleFiles.content(1, 32)), ServingNode.CLUSTER, ServingNode.GROUP, ME);

        FetchOutcome outcome =
                fetcher(wrong).fetch(PEER, List.of(item(entry, content, 0))).get(0);

        assertFailed(outcome, AuthenticationException.class, 0);
        assertThat(peer.server().stats().unprovenSessions()).isZero();
    }

    /** Lesson 23: the requester must be a member now. One that is about to join is asked for no proof again, only for patience. */
    @Test
    void aNodeThatIsNoMemberGetsNothing() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        peer.members.remove(ME);
        assertFailed(fetch(item(entry, content, 0)), BehindException.class, 0);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.WELL);

        peer.members.add(ME);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(100));
    }

    /** A slow disk is not mistaken for a broken connection: the peer says wait every second. */
    @Test
    void waitsForASlowDisk() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        peer.files.onRead((version, position) -> scheduler.advance(Duration.ofSeconds(20)));

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(peer.server().stats().waits()).isGreaterThan(50);
    }

    @Test
    void givesUpAPeerThatIsAliveButSendsNothingForAMinute() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        peer.files.onRead((version, position) -> scheduler.advance(Duration.ofSeconds(position == MIB ? 70 : 0)));

        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, MIB);
    }

    @Test
    void noticesASilentConnectionWithinThreeSeconds() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        network.onAnswer(packets -> packets.size() < 3
                ? packets
                : List.of(
                        packets.get(0),
                        new MemoryTransport.Sent(
                                packets.get(1).bytes(), Duration.ofMinutes(5).toNanos())));
        long begun = scheduler.nanoTime();

        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, MIB);
        assertThat(scheduler.nanoTime() - begun)
                .isLessThanOrEqualTo(Duration.ofMillis(3_100).toNanos());
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.UNREACHABLE);
    }

    @Test
    void waitsFifteenSecondsForAnAcknowledgement() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 10);
        FileEntry entry = peer.hold("f", 5, content);
        network.onAnswer(packets -> List.of(new MemoryTransport.Sent(
                packets.get(0).bytes(), Duration.ofSeconds(14).toNanos())));
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(10));

        network.onAnswer(packets -> List.of(new MemoryTransport.Sent(
                packets.get(0).bytes(), Duration.ofSeconds(16).toNanos())));
        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, 0);
    }

    @Test
    void aPeerWithoutAnAddressIsUnreachable() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 10);
        FileEntry entry = peer.hold("f", 5, content);
        network.disconnect(PEER);
        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, 0);

        connect();
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(10));
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.WELL);
    }

    @Test
    void aCancelledFetchEndsAtTheNextFrame() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 20 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        AtomicBoolean cancelled = new AtomicBoolean();
        MemoryStagedFile destination = new MemoryStagedFile(entry.version(), content, 0);
        PrefixHasher hasher = new PrefixHasher();
        FetchItem item = new FetchItem(entry, destination, hasher, () -> {
            cancelled.compareAndSet(false, destination.length() >= 2 * MIB);
            return cancelled.get();
        });

        assertFailed(fetch(item), FetchCancelledException.class, 2 * MIB);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.WELL);
    }

    @Test
    void aCancelledFetchEndsAtOnceHoweverSilentThePeer() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 10);
        FileEntry entry = peer.hold("f", 5, content);
        network.onAnswer(packets -> List.of(new MemoryTransport.Sent(
                packets.get(0).bytes(), Duration.ofSeconds(14).toNanos())));
        long begun = scheduler.nanoTime();
        FetchItem item = new FetchItem(
                entry,
                new MemoryStagedFile(entry.version(), content, 0),
                new PrefixHasher(),
                () -> scheduler.nanoTime() - begun >= Duration.ofSeconds(5).toNanos());

        assertFailed(fetch(item), FetchCancelledException.class, 0);
        assertThat(scheduler.nanoTime() - begun)
                .isLessThanOrEqualTo(Duration.ofMillis(5_100).toNanos());
    }

    /** Lesson 18: a closed fetcher does not wait for a socket's timeout. */
    @Test
    void closingEndsAFetchInFlight() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 20 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        peer.files.onRead((version, position) -> {
            if (position == 3 * MIB) {
                fetcher.close();
            }
        });
        assertThat(fetch(item(entry, content, 0)))
                .isInstanceOfSatisfying(
                        FetchOutcome.Failed.class,
                        failed -> assertThat(failed.reason()).isInstanceOf(FetchCancelledException.class));
        assertFailed(fetch(item(entry, content, 0)), FetchCancelledException.class, 0);
    }

    @Test
    void asksForTheSecondRangeOnlyWhenTheFirstIsAnsweredAndForNoThird() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 40 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        MemoryStagedFile destination = new MemoryStagedFile(entry.version(), content, 0);
        List<Long> queued = new ArrayList<>();
        FetchItem item = new FetchItem(entry, destination, new PrefixHasher(), () -> {
            queued.add(peer.server().stats().bytes() - destination.length());
            return false;
        });

        assertThat(fetch(item)).isEqualTo(new FetchOutcome.Received(40 * MIB));
        assertThat(queued).allMatch(bytes -> bytes <= 8 * MIB).anyMatch(bytes -> bytes > 4 * MIB);
    }

    @Test
    void keepsToItsBandwidthLimit() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 10 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        incoming.limitEachPeer(OptionalLong.of(MIB));
        long begun = scheduler.nanoTime();

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(10 * MIB));
        assertThat(Duration.ofNanos(scheduler.nanoTime() - begun))
                .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(11));
    }

    @Test
    void whatCameBeforeACancellationCountsAgainstTheLimit() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        incoming.limitEachPeer(OptionalLong.of(MIB));
        long begun = scheduler.nanoTime();
        FetchItem item = new FetchItem(
                entry,
                new MemoryStagedFile(entry.version(), content, 0),
                new PrefixHasher(),
                () -> scheduler.nanoTime() - begun > Duration.ofMillis(300).toNanos());

        assertFailed(fetch(item), FetchCancelledException.class, 2 * MIB);
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(incoming.take(PEER, 1)).as("the second chunk is waited for").isPositive();
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(incoming.take(PEER, 1)).isZero();
    }

    @Test
    void aServerWithABandwidthLimitKeepsItsReadersWaiting() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        peer.outgoing.limitNode(OptionalLong.of(MIB / 10));

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(peer.server().stats().waits()).isGreaterThan(15);
    }

    @Test
    void anInterruptEndsAFetch() {
        byte[] content = SampleFiles.content(1, 10 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        incoming.limitEachPeer(OptionalLong.of(1));
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> fetch(item(entry, content, 0))).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aPlaceLostToOthersBetweenTwoRangesIsWaitedFor() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 20 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        ServeConfig one = new ServeConfig(1, 1, 1, Duration.ofSeconds(30), Duration.ofSeconds(1));
        ServingNode narrow = new ServingNode(PEER, Set.of(ME, PEER), one, scheduler);
        narrow.manifest.register(entry);
        narrow.files.put(entry, content);
        network.connect(PEER, (request, out) -> narrow.server().serve(request, out));

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(20 * MIB));
    }

    @Test
    void manyWorkersShareOneSession() throws Exception {
        byte[] content = SampleFiles.content(1, 2 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        // The session first: virtual time and threads that wait for each other do not go together.
        fetch(item(entry, content, 0));
        List<FutureTask<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            workers.add(new FutureTask<>(() -> {
                for (int round = 0; round < 10; round++) {
                    FetchItem item = item(entry, content, 0);
                    if (!fetch(item).equals(new FetchOutcome.Received(2 * MIB))
                            || !Arrays.equals(staged(item), content)) {
                        return false;
                    }
                }
                return true;
            }));
        }
        List<Thread> threads = workers.stream().map(Thread::new).toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        for (FutureTask<Boolean> worker : workers) {
            assertThat(worker.get()).isTrue();
        }
        assertThat(peer.server().stats().hellos()).isEqualTo(1);
        assertThat(peer.server().stats().provenSessions()).isEqualTo(1);
    }

    @Test
    void aWorkerWaitsForTheHelloOfAnother() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        List<FetchOutcome> waiting = new ArrayList<>();
        network.onRequest(hello -> {
            network.onRequest(UnaryOperator.identity());
            AtomicInteger polls = new AtomicInteger();
            FetchItem other = new FetchItem(
                    entry,
                    new MemoryStagedFile(entry.version(), content, 0),
                    new PrefixHasher(),
                    () -> polls.incrementAndGet() > 20);
            try {
                waiting.add(fetch(other));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(network.sentRequests()).as("the one hello").isEqualTo(1);
            return hello;
        });

        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(100));
        assertFailed(waiting.get(0), FetchCancelledException.class, 0);
        assertThat(peer.server().stats().hellos()).isEqualTo(1);
    }

    /** Lesson 26: no clock is compared with another's, so that a wrong one stops nothing. */
    @Test
    void peersADayApartExchangeFiles() throws InterruptedException {
        SteppedScheduler tomorrow = new SteppedScheduler();
        tomorrow.advance(Duration.ofDays(1));
        for (SteppedScheduler theirs : List.of(tomorrow, new SteppedScheduler())) {
            ServingNode other = new ServingNode(PEER, Set.of(ME, PEER), ServeConfig.defaults(), theirs);
            network.connect(PEER, (request, out) -> other.server().serve(request, out));
            for (int i = 0; i < 3; i++) {
                byte[] content = SampleFiles.content(i, 3 * MIB);
                FileEntry entry = other.hold("f" + i, 5 + i, content);
                assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
            }
            assertThat(other.server().stats().authFailures()).isEmpty();
            scheduler.advance(Duration.ofDays(1));
        }
    }

    @Test
    void aPeerWithoutRoomForASessionIsBusyAndAskedAgain() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        for (int i = 0; i < ServerSessions.MAX_UNPROVEN_PER_NODE; i++) {
            sayHelloAndNoMore(i);
        }
        assertFailed(fetch(item(entry, content, 0)), BusyException.class, 0);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.BUSY);

        scheduler.advance(Duration.ofSeconds(6));
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(100));
    }

    private void sayHelloAndNoMore(int seed) {
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(ME), PEER, new Random(1_000 + seed));
        try {
            peer.server().serve(handshake.hello(), message -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void smallAnswersHaveAWayOfTheirOwn() throws InterruptedException {
        byte[] large = SampleFiles.content(1, 9 * MIB);
        byte[] small = SampleFiles.content(2, MIB);
        FileEntry bulk = peer.hold("bulk", 5, large);
        FileEntry little = peer.hold("little", 6, small);

        fetch(item(little, small, 0));
        fetcher.reportMismatch(PEER, little);
        assertThat(network.sentRequests(Lane.SMALL)).as("hello, file, report").isEqualTo(3);
        assertThat(network.sentRequests(Lane.BULK)).isZero();

        fetch(item(bulk, large, 0));
        assertThat(network.sentRequests(Lane.BULK)).as("4 MiB each").isEqualTo(2);
        assertThat(network.sentRequests(Lane.SMALL)).as("and what is left").isEqualTo(4);
    }

    /** What is logged while everything goes wrong shows neither the secret nor anything made from it. */
    @Test
    void nothingSecretIsLogged() throws Exception {
        byte[] secret = "a-secret-that-can-be-recognized-in-a-log".getBytes(StandardCharsets.UTF_8);
        Credentials wrong =
                new Credentials(ClusterSecrets.of("k1", secret), ServingNode.CLUSTER, ServingNode.GROUP, ME);
        byte[] content = SampleFiles.content(1, 2 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        peer.files.putRotten(entry, content, SampleFiles.content(2, MIB));
        List<byte[]> wire = new ArrayList<>();
        network.onRequest(bytes -> {
            wire.add(bytes.clone());
            return bytes;
        });
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            fetcher(wrong).fetch(PEER, List.of(item(entry, content, 0)));
            fetch(item(entry, content, 0));
            fetcher.reportMismatch(PEER, entry);
            peer.restart();
            fetcher.reportMismatch(PEER, entry);
        } finally {
            System.setErr(before);
        }
        String log = logged.toString(StandardCharsets.UTF_8);
        assertThat(log).contains("somebody without proof was refused").contains("to be verified again");
        assertThat(log).doesNotContain(new String(secret, StandardCharsets.UTF_8));
        for (byte[] message : wire) {
            byte[] tag = Arrays.copyOfRange(message, message.length - 32, message.length);
            assertThat(log).doesNotContainIgnoringCase(HexFormat.of().formatHex(tag, 0, 8));
        }
    }
}
