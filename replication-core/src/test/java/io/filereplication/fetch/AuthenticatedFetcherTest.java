package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeConfig;
import io.filereplication.storage.StorageFullException;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetcher and server together, over a network in memory and virtual time. */
class AuthenticatedFetcherTest {
    private static final int MIB = 1 << 20;
    private static final NodeId ME = NodeId.of("n1");
    private static final NodeId PEER = NodeId.of("n2");

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final MemoryTransport network = new MemoryTransport(scheduler);
    private final ServingNode peer = new ServingNode(PEER, Set.of(ME, PEER), ServeConfig.defaults(), scheduler);
    private final BandwidthLimits<NodeId> incoming = new BandwidthLimits<>(scheduler);
    private final PeerHealth health = new PeerHealth(scheduler);
    private final AuthenticatedFetcher fetcher = fetcher(ServingNode.credentials(ME));

    AuthenticatedFetcherTest() {
        connect();
    }

    private AuthenticatedFetcher fetcher(Credentials credentials) {
        return new AuthenticatedFetcher(
                credentials, network, FetchConfig.defaults(), incoming, health, scheduler, new Random(7));
    }

    private void connect() {
        network.connect(PEER, (request, out) -> peer.server().serve(request, out));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(network.unread())
                .as("packets and answers that were not closed")
                .isZero();
        assertThat(peer.files.openFiles()).as("files that were not closed").isZero();
        assertThat(peer.server().stats().transfers())
                .as("permits that were not returned")
                .isZero();
        assertThat(scheduler.pending()).as("tasks that were not cancelled").isZero();
    }

    private static FetchItem item(FileEntry entry, byte[] content, int staged) {
        return new FetchItem(
                entry,
                new MemoryStagedFile(entry.version(), content, staged),
                SampleFiles.hasher(content, staged),
                () -> false);
    }

    private FetchOutcome fetch(FetchItem item) throws InterruptedException {
        return fetcher.fetch(PEER, List.of(item)).get(0);
    }

    private static byte[] staged(FetchItem item) {
        return ((MemoryStagedFile) item.destination()).content();
    }

    private static void assertFailed(FetchOutcome outcome, Class<? extends FetchException> reason, long received) {
        assertThat(outcome).isInstanceOfSatisfying(FetchOutcome.Failed.class, failed -> {
            assertThat(failed.reason()).isInstanceOf(reason);
            assertThat(failed.receivedBytes()).isEqualTo(received);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4_096, MIB - 1, MIB, MIB + 1, 8 * MIB, 8 * MIB + 1, 20 * MIB + 5})
    void receivesAFileOfAnySize(int bytes) throws InterruptedException {
        byte[] content = SampleFiles.content(bytes, bytes);
        FetchItem item = item(peer.hold("a/b.parquet", 5, content), content, 0);

        assertThat(fetch(item)).isEqualTo(new FetchOutcome.Received(bytes));
        assertThat(staged(item)).isEqualTo(content);
        assertThat(peer.server().stats().bytes()).isEqualTo(bytes);
    }

    /** Lesson 20: an empty file is a file. */
    @Test
    void receivesAnEmptyFile() throws InterruptedException {
        byte[] content = {};
        FetchItem item = item(peer.hold("empty", 5, content), content, 0);

        assertThat(fetch(item)).isEqualTo(new FetchOutcome.Received(0));
        assertThat(network.sentRequests()).isZero();
    }

    /** Lesson 16: what an earlier attempt received is not fetched again. */
    @Test
    void resumesAtTheLastVerifiedChunk() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 11 * MIB + 3);
        FetchItem item = item(peer.hold("f", 5, content), content, 3 * MIB);

        assertThat(fetch(item)).isEqualTo(new FetchOutcome.Received(8 * MIB + 3));
        assertThat(staged(item)).isEqualTo(content);
        assertThat(peer.server().stats().bytes()).isEqualTo(8 * MIB + 3);
    }

    /** Lesson 39: a damaged tail of our own staged file is found before a byte is fetched, and blames nobody. */
    @Test
    void findsABadPrefixOfItsOwnBeforeAByteIsSent() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);
        byte[] zeroTail = content.clone();
        Arrays.fill(zeroTail, 2 * MIB - 10, 2 * MIB, (byte) 0);

        assertFailed(fetch(item(entry, zeroTail, 2 * MIB)), BadOffsetException.class, 0);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.WELL);
        assertThat(health.hasBadCopy(PEER, entry.path())).isFalse();
        assertThat(peer.files.suspected()).isEmpty();
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
    }

    @Test
    void refusesAStagedFileThatEndsWithinAChunk() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 3 * MIB);
        FileEntry entry = peer.hold("f", 5, content);

        assertFailed(fetch(item(entry, content, MIB + 1)), BadOffsetException.class, 0);
        assertThat(fetch(item(entry, content, 3 * MIB))).isEqualTo(new FetchOutcome.Received(0));
    }

    @Test
    void receivesABatchOfSmallFilesInFewRequests() throws InterruptedException {
        List<FetchItem> items = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < Fetcher.MAX_BATCH; i++) {
            byte[] content = SampleFiles.content(i, i % 7 == 0 ? 0 : 100 * i);
            contents.add(content);
            items.add(item(peer.hold("small/" + i, i, content), content, 0));
        }

        List<FetchOutcome> outcomes = fetcher.fetch(PEER, items);

        for (int i = 0; i < items.size(); i++) {
            assertThat(outcomes.get(i)).isEqualTo(new FetchOutcome.Received(contents.get(i).length));
            assertThat(staged(items.get(i))).isEqualTo(contents.get(i));
        }
        assertThat(network.sentRequests()).as("a hello and one request").isEqualTo(2);
    }

    @Test
    void eachFileOfABatchFailsOnItsOwn() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 5_000);
        FileEntry good = peer.hold("good", 1, content);
        FileEntry absent = peer.hold("absent", 2, content);
        peer.files.remove(absent);
        FileEntry deleted = peer.hold("deleted", 3, content);
        peer.manifest.delete(deleted.path(), 9);
        FileEntry behind = SampleFiles.entry("behind", 50, PEER, content);
        FileEntry rotten = peer.hold("rotten", 5, content);
        peer.files.putRotten(rotten, content, SampleFiles.content(2, 5_000));
        FileEntry last = peer.hold("last", 6, content);
        FileEntry full = peer.hold("full", 7, content);
        List<FetchItem> items = List.of(
                item(good, content, 0),
                item(absent, content, 0),
                item(deleted, content, 0),
                item(behind, content, 0),
                item(rotten, content, 0),
                item(full, content, 0),
                item(last, content, 0));
        ((MemoryStagedFile) items.get(5).destination()).failWith(new StorageFullException("full"));

        List<FetchOutcome> outcomes = fetcher.fetch(PEER, items);

        assertThat(outcomes.get(0)).isEqualTo(new FetchOutcome.Received(5_000));
        assertFailed(outcomes.get(1), FileNotOnPeerException.class, 0);
        assertFailed(outcomes.get(2), NotInManifestException.class, 0);
        assertFailed(outcomes.get(3), BehindException.class, 0);
        assertFailed(outcomes.get(4), ChecksumMismatchException.class, 0);
        assertThat(outcomes.get(5)).isInstanceOf(FetchOutcome.NotStored.class);
        assertThat(outcomes.get(6)).isEqualTo(new FetchOutcome.Received(5_000));
        assertThat(staged(items.get(4))).as("no bad byte is staged").isEmpty();
    }

    /** Lesson 1: bytes that fail verification are never staged, so nothing can take them for the file. */
    @Test
    void keepsOnlyTheChunksBeforeTheFirstBadByte() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 5 * MIB);
        byte[] rotten = content.clone();
        rotten[3 * MIB + 17] ^= 1;
        FileEntry entry = peer.hold("f", 5, content);
        peer.files.putRotten(entry, content, rotten);
        FetchItem item = item(entry, content, 0);

        assertFailed(fetch(item), ChecksumMismatchException.class, 3 * MIB);
        assertThat(staged(item)).isEqualTo(Arrays.copyOf(content, 3 * MIB));
        assertThat(health.hasBadCopy(PEER, entry.path())).isTrue();
    }

    /** Lesson 39: bytes flipped on the way are noticed, and the peer's copy stands again once it has been verified. */
    @Test
    void aByteFlippedOnTheWayMakesThePeerVerifyItsCopyAndNoMore() throws InterruptedException {
        byte[] content = SampleFiles.content(1, MIB);
        FileEntry entry = peer.hold("f", 5, content);
        network.onAnswer(packets -> packets.stream()
                .map(packet -> {
                    if (packet.bytes().length > MIB) {
                        packet.bytes()[packet.bytes().length - 200] ^= 1;
                    }
                    return packet;
                })
                .toList());
        assertFailed(fetch(item(entry, content, 0)), ChecksumMismatchException.class, 0);
        network.onAnswer(packets -> packets);

        fetcher.reportMismatch(PEER, entry);
        assertThat(peer.files.suspected()).containsExactly(entry.version());
        assertThat(peer.reverified).containsExactly(entry);
        assertFailed(fetch(item(entry, content, 0)), BusyException.class, 0);

        peer.files.verified(entry);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(MIB));
    }

    @Test
    void aPeerThatHearsManyReportsVerifiesOnce() throws InterruptedException {
        FileEntry entry = peer.hold("f", 5, SampleFiles.content(1, 10));
        fetcher.reportMismatch(PEER, entry);
        peer.files.verified(entry);
        fetcher.reportMismatch(PEER, entry);

        assertThat(peer.reverified).hasSize(1);
    }

    /** Lesson 14: staleness does not look like corruption: the server compares its own version before it sends. */
    @Test
    void aPeerWithAnOlderVersionSaysThatItIsBehind() throws InterruptedException {
        peer.hold("f", 5, SampleFiles.content(1, 100));
        byte[] content = SampleFiles.content(2, 100);
        FileEntry newer = SampleFiles.entry("f", 8, PEER, content);

        assertFailed(fetch(item(newer, content, 0)), BehindException.class, 0);
    }

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

    /** Lesson 23: the requester must be a member now. */
    @Test
    void aNodeThatIsNoMemberGetsNothing() throws InterruptedException {
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = peer.hold("f", 5, content);
        peer.members.remove(ME);
        assertFailed(fetch(item(entry, content, 0)), AuthenticationException.class, 0);

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
    void aCancelledFetchEndsWithinASecondOfSilence() throws InterruptedException {
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
                .isLessThanOrEqualTo(Duration.ofSeconds(6).toNanos());
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
        assertThat(queued).allMatch(bytes -> bytes <= 16 * MIB).anyMatch(bytes -> bytes > 8 * MIB);
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
        ServeConfig one = new ServeConfig(1, 1, Duration.ofSeconds(30), Duration.ofSeconds(1));
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
        assertThat(log).contains("refused somebody without proof").contains("to be verified again");
        assertThat(log).doesNotContain(new String(secret, StandardCharsets.UTF_8));
        for (byte[] message : wire) {
            byte[] tag = Arrays.copyOfRange(message, message.length - 32, message.length);
            assertThat(log).doesNotContainIgnoringCase(HexFormat.of().formatHex(tag, 0, 8));
        }
    }
}
