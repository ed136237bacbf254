package io.filereplication.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageInterruptedException;
import io.filereplication.wire.AnswerMessage;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.PacketReader;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.Unproven;
import io.filereplication.wire.WantedRange;
import io.filereplication.wire.WireException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FileServerTest {
    private static final int MIB = 1 << 20;
    private static final NodeId CLIENT = NodeId.of("n1");
    private static final NodeId SERVER = NodeId.of("n2");
    private static final ServeConfig CONFIG = new ServeConfig(3, 2, 2, Duration.ofSeconds(30), Duration.ofSeconds(1));

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final ServingNode node =
            new ServingNode(SERVER, Set.of(CLIENT, SERVER, NodeId.of("n3")), CONFIG, scheduler);
    private final Random random = new Random(3);
    private final byte[] content = SampleFiles.content(1, 2 * MIB + 10);
    private final FileEntry entry = node.hold("a/b", 5, content);

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(node.files.openFiles()).isZero();
        assertThat(node.server().stats().transfers()).isZero();
        assertThat(node.capacity.usage().transfers()).isZero();
        assertThat(node.capacity.usage().refusals()).isZero();
        assertThat(node.capacity.usage().buffers()).isZero();
        assertThat(scheduler.pending()).isZero();
    }

    private List<ByteBuffer> serve(ByteBuffer request) throws IOException {
        List<ByteBuffer> packets = new ArrayList<>();
        node.server().serve(request, message -> {
            ByteBuffer copy = ByteBuffer.allocate(message.remaining());
            packets.add(copy.put(message).flip());
        });
        return packets;
    }

    private ClientSession connect(NodeId client) throws IOException, WireException {
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(client), SERVER, random);
        return handshake.complete(serve(handshake.hello()).get(0));
    }

    private List<AnswerMessage> ask(WantedRange... ranges) throws IOException, WireException {
        return ask(connect(CLIENT), ranges);
    }

    private List<AnswerMessage> ask(ClientSession session, WantedRange... ranges) throws IOException, WireException {
        ClientSession.Request request = session.request(List.of(ranges));
        List<AnswerMessage> answer = new ArrayList<>();
        for (ByteBuffer packet : serve(request.message())) {
            PacketReader messages = new PacketReader(List.of(packet));
            while (messages.hasNext()) {
                answer.add(request.answer().next(messages));
            }
        }
        assertThat(request.answer().isOver()).isTrue();
        return answer;
    }

    private void assertRefused(RefusalCode code, WantedRange range) throws IOException, WireException {
        assertThat(ask(range)).containsExactly(new AnswerMessage.Refused(0, code), new AnswerMessage.Trailer());
    }

    private WantedRange range(long offset, long length) {
        return WantedRange.of(entry, offset, length);
    }

    @Test
    void sendsARangeInChunksWithTheirPrefixDigests() throws Exception {
        List<AnswerMessage> answer = ask(range(MIB, MIB + 10));

        assertThat(answer).hasSize(4);
        assertThat(answer.get(0))
                .isEqualTo(new AnswerMessage.Acknowledged(
                        0, SampleFiles.digests(content).upTo(MIB)));
        AnswerMessage.Frame last = (AnswerMessage.Frame) answer.get(2);
        assertThat(last.offset()).isEqualTo(2 * MIB);
        assertThat(last.length()).isEqualTo(10);
        assertThat(last.prefixAtEnd()).isEqualTo(entry.sha256());
        assertThat(last.data()).containsExactly(ByteBuffer.wrap(content, 2 * MIB, 10));
        assertThat(node.server().stats().peers().get(CLIENT).bytes()).isEqualTo(MIB + 10L);
    }

    /** Lesson 20: an empty file is acknowledged, and offset 0 is always legal. */
    @Test
    void acknowledgesAnEmptyFile() throws Exception {
        FileEntry empty = node.hold("empty", 6, new byte[0]);
        assertThat(ask(WantedRange.of(empty, 0, 0)))
                .containsExactly(new AnswerMessage.Acknowledged(0, Sha256.OF_EMPTY), new AnswerMessage.Trailer());
    }

    @Test
    void saysWhetherItHoldsAFileWithoutSendingIt() throws Exception {
        assertThat(ask(range(0, 0)))
                .containsExactly(new AnswerMessage.Acknowledged(0, Sha256.OF_EMPTY), new AnswerMessage.Trailer());
        node.files.remove(entry);
        assertRefused(RefusalCode.FILE_NOT_HERE, range(0, 0));
    }

    @Test
    void refusesOffsetsAndEndsWithoutAPrefixDigest() throws Exception {
        assertRefused(RefusalCode.BAD_OFFSET, range(1, MIB));
        assertRefused(RefusalCode.BAD_OFFSET, range(0, 10));
        assertRefused(RefusalCode.BAD_OFFSET, range(0, 3 * MIB));
        assertRefused(RefusalCode.BAD_OFFSET, range(-MIB, MIB));
        assertRefused(RefusalCode.BAD_OFFSET, range(3 * MIB, 0));
        assertRefused(RefusalCode.BAD_OFFSET, range(Long.MIN_VALUE, MIB));
        assertThat(ask(range(2 * MIB + 10, 0))).hasSize(2);
    }

    /** Lesson 14: the server compares what it holds with what is asked for, before it sends. */
    @Test
    void refusesAnythingButTheVersionOfItsManifest() throws Exception {
        byte[] other = SampleFiles.content(2, content.length);
        assertRefused(RefusalCode.BEHIND, WantedRange.of(SampleFiles.entry("a/b", 6, SERVER, other), 0, MIB));
        assertRefused(RefusalCode.NOT_IN_MANIFEST, WantedRange.of(SampleFiles.entry("a/b", 4, SERVER, other), 0, MIB));
        assertRefused(RefusalCode.NOT_IN_MANIFEST, WantedRange.of(SampleFiles.entry("a/b", 5, SERVER, other), 0, MIB));
        assertRefused(RefusalCode.NOT_IN_MANIFEST, WantedRange.of(SampleFiles.entry("none", 5, SERVER, other), 0, MIB));
        assertRefused(
                RefusalCode.NOT_IN_MANIFEST, WantedRange.of(SampleFiles.entry("a/b", 4, SERVER, content), 0, MIB));
        node.manifest.settle(false);
        assertRefused(RefusalCode.BEHIND, WantedRange.of(SampleFiles.entry("none", 5, SERVER, other), 0, MIB));
    }

    @Test
    void aFileThatMustBeHashedFirstIsBusyAndMovesToTheFront() throws Exception {
        node.files.suspect(entry.version());
        assertRefused(RefusalCode.BUSY, range(0, MIB));
        assertThat(node.reverified).containsExactly(entry);
    }

    /** Or whoever asks would ask for ever. */
    @Test
    void aFileThatNobodyWillHashBecauseItIsNotWantedHereIsNotHere() throws Exception {
        node.files.suspect(entry.version());
        node.wants = false;
        assertRefused(RefusalCode.FILE_NOT_HERE, range(0, MIB));
    }

    @Test
    void aTruncatedFileIsRefusedOnTheWayAndVerified() throws Exception {
        node.files.putRotten(entry, content, SampleFiles.content(1, MIB + 100));

        List<AnswerMessage> answer = ask(range(0, 2 * MIB + 10));

        assertThat(answer).hasSize(4);
        assertThat(answer.get(2)).isEqualTo(new AnswerMessage.Refused(0, RefusalCode.FILE_NOT_HERE));
        assertThat(node.files.suspected()).containsExactly(entry.version());
        assertThat(node.reverified).containsExactly(entry);
    }

    @Test
    void aDiskErrorIsRefusedOnTheWay() throws Exception {
        FileEntry next = node.hold("next", 6, SampleFiles.content(4, 100));
        node.files.onRead((version, position) -> {
            if (position == MIB) {
                throw new StorageException("a bad sector");
            }
        });
        List<AnswerMessage> answer = ask(range(0, 2 * MIB), WantedRange.of(next, 0, 100));

        assertThat(answer.get(2)).isEqualTo(new AnswerMessage.Refused(0, RefusalCode.FILE_NOT_HERE));
        assertThat(answer.get(3)).isInstanceOf(AnswerMessage.Acknowledged.class);
        assertThat(answer).hasSize(6);
    }

    /** Ratis, or the timer that gives up a stalled reader, interrupts the thread: the file that it is reading is as good as before. */
    @Test
    void anInterruptWhileReadingEndsTheAnswerAndBlamesNoFile() throws Exception {
        ClientSession session = connect(CLIENT);
        ByteBuffer request = session.request(List.of(range(0, 2 * MIB))).message();
        node.files.onRead((version, position) -> {
            throw new StorageInterruptedException("interrupted", new ClosedByInterruptException());
        });

        assertThatThrownBy(() -> serve(request)).isInstanceOf(InterruptedIOException.class);

        assertThat(node.files.suspected()).isEmpty();
        assertThat(node.reverified).isEmpty();
    }

    /** Lesson 23: membership is looked at on every request. */
    @Test
    void refusesANodeThatIsNoMemberNow() throws Exception {
        ClientSession session = connect(CLIENT);
        assertThat(ask(session, range(0, 0))).hasSize(2);
        node.members.remove(CLIENT);
        assertThat(ask(session, range(0, 0))).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        node.members.clear();
        assertThat(ask(session, range(0, 0))).containsExactly(new AnswerMessage.AllRefused(RefusalCode.BUSY));
        node.members.add(CLIENT);
        assertThat(ask(session, range(0, 0))).hasSize(2);
        assertThat(node.server().stats().refusals())
                .containsEntry(RefusalCode.NOT_MEMBER, 1L)
                .containsEntry(RefusalCode.BUSY, 1L);
    }

    /** Whoever knows the secret may claim any name: only a member's is remembered, and only a member's session is kept. */
    @Test
    void whoIsNoMemberIsCountedButNotByName() throws Exception {
        NodeId joining = NodeId.of("n4");
        ClientSession session = connect(joining);
        assertThat(ask(session, range(0, 0))).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        ServeStats before = node.server().stats();
        assertThat(before.requests()).isEqualTo(1);
        assertThat(before.refused()).isEqualTo(1);
        assertThat(before.peers()).isEmpty();
        assertThat(before.provenSessions()).isZero();
        assertThat(before.unprovenSessions()).isEqualTo(1);

        node.members.add(joining);
        assertThat(ask(session, range(0, 0))).as("in the session that it has").hasSize(2);
        assertThat(node.server().stats().peers())
                .containsExactly(Map.entry(joining, new PeerServeStats(0, 1, 1, 1, 0, Map.of())));
        assertThat(node.server().stats().unprovenSessions()).isZero();
    }

    @Test
    void whoeverHasNoProofGetsTheSameEightBytes() throws Exception {
        ClientSession session = connect(CLIENT);
        ByteBuffer request = session.request(List.of(range(0, MIB))).message();
        byte[] forged = new byte[request.remaining()];
        request.duplicate().get(forged);
        forged[40] ^= 1;
        serve(request.duplicate());
        List<ByteBuffer> messages = List.of(
                ByteBuffer.allocate(0),
                ByteBuffer.allocate(100),
                Unproven.message(),
                ByteBuffer.wrap(forged),
                request,
                ByteBuffer.wrap(new byte[] {0x46, 0x52, 0x45, 0x50, 1, 1, 1, 1, 9}));
        for (ByteBuffer message : messages) {
            assertThat(serve(message)).containsExactly(Unproven.message());
        }
        assertThat(node.server().stats().authFailure()).isEqualTo(messages.size());
        assertThat(node.server().stats().provenSessions()).isEqualTo(1);
        assertThat(ask(session, range(0, 0))).hasSize(2);
    }

    @Test
    void atMostFourUnprovenAnswersAreWrittenAtATime() throws Exception {
        int[] depth = {0, 0};
        AnswerChannel[] nested = new AnswerChannel[1];
        nested[0] = message -> {
            depth[0]++;
            depth[1] = Math.max(depth[1], depth[0]);
            node.server().serve(ByteBuffer.allocate(3), nested[0]);
            depth[0]--;
        };
        node.server().serve(ByteBuffer.allocate(3), nested[0]);

        assertThat(depth[1]).isEqualTo(ServeCapacity.MAX_UNPROVEN_ANSWERS);
        assertThat(serve(ByteBuffer.allocate(3))).containsExactly(Unproven.message());
    }

    /** Lesson 27: who knows the secret and is no member holds few threads, and no place of a member's, when he reads nothing. */
    @Test
    void refusalsOfStrangersBeingWrittenAreFewInAllAndToOneName() throws Exception {
        ClientSession member = connect(CLIENT);
        List<ClientSession> strangers =
                List.of(connect(NodeId.of("n7")), connect(NodeId.of("n8")), connect(NodeId.of("n9")));
        assertThat(ask(member, range(0, MIB))).hasSize(3);
        ServeCapacity.Usage before = node.capacity.usage();
        List<String> written = new ArrayList<>();
        List<ServeCapacity.Usage> fullest = new ArrayList<>();
        List<List<AnswerMessage>> within = new ArrayList<>();

        jam(strangers, 0, written, () -> {
            fullest.add(node.capacity.usage());
            within.add(ask(member, range(0, MIB)));
            within.add(ask(connect(NodeId.of("n3")), range(0, 0)));
            node.server().pause();
            within.add(ask(member, range(0, MIB)));
        });

        assertThat(written).as("two of one, two of the next, none of the third").containsExactly("0", "0", "1", "1");
        assertThat(fullest.get(0).refusals()).isEqualTo(ServeCapacity.MAX_STRANGERS_REFUSALS);
        assertThat(within.get(0)).as("a member meanwhile").hasSize(3);
        assertThat(within.get(1)).as("one that comes meanwhile").hasSize(2);
        assertThat(within.get(2))
                .as("a member that is to be refused meanwhile")
                .containsExactly(new AnswerMessage.AllRefused(RefusalCode.BUSY));
        assertThat(node.server().stats().unanswered()).isEqualTo(3);
        assertThat(node.server().stats().refusals())
                .containsOnly(Map.entry(RefusalCode.NOT_MEMBER, 7L), Map.entry(RefusalCode.BUSY, 1L));
        assertThat(node.capacity.usage()).isEqualTo(before);
        assertThat(ask(strangers.get(2), range(0, 0)))
                .containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
    }

    /** Lesson 27: what five workers have out is refused, even though what is before it on its connection does not leave. */
    @Test
    void aMemberIsToldThatItIsRefusedAsOftenAsItMayHaveRequestsOut() throws Exception {
        ClientSession one = connect(CLIENT);
        ClientSession two = connect(NodeId.of("n3"));
        ClientSession three = connect(NodeId.of("n4"));
        node.members.add(NodeId.of("n4"));
        List<String> written = new ArrayList<>();
        node.server().pause();
        jam(List.of(one, two, three), 0, written, () -> {});

        assertThat(written).filteredOn("0"::equals).hasSize(10);
        assertThat(written).filteredOn("1"::equals).hasSize(10);
        assertThat(written).as("of the third").doesNotContain("2");
        assertThat(node.server().stats().unanswered()).isEqualTo(3);
        assertThat(ask(three, range(0, 0))).containsExactly(new AnswerMessage.AllRefused(RefusalCode.BUSY));
    }

    @Test
    void thereIsAThreadForWhateverMayBeAnsweredAtOnce() {
        ServeConfig defaults = ServeConfig.defaults();
        assertThat(defaults.maxRefusals()).isEqualTo(24);
        assertThat(defaults.maxRefusalsPerPeer()).isEqualTo(16);
        assertThat(defaults.threads()).isEqualTo(24 + 4 + 24 + 4 + 2 + 4 + 4);
        assertThat(CONFIG.maxRefusals()).isEqualTo(20);
        assertThat(CONFIG.threads()).isEqualTo(3 + 2 + 20 + 4 + 2 + 4 + 4);
    }

    private interface Step {
        void run() throws IOException, WireException;
    }

    /** Each asks, while what the one before is told does not leave, until it is told nothing; then {@code step} is run. */
    private void jam(List<ClientSession> askers, int first, List<String> written, Step step)
            throws IOException, WireException {
        if (first == askers.size()) {
            step.run();
            return;
        }
        ByteBuffer request = askers.get(first).request(List.of(range(0, 0))).message();
        boolean answered = node.server().serve(request, message -> {
            written.add(String.valueOf(first));
            try {
                jam(askers, first, written, step);
            } catch (WireException e) {
                throw new IOException(e);
            }
        });
        if (!answered) {
            jam(askers, first + 1, written, step);
        }
    }

    /** Lesson 27: a cap per peer and in all, answered in-band. */
    @Test
    void admitsSoManyTransfersPerPeerAndInAll() throws Exception {
        ClientSession one = connect(CLIENT);
        ClientSession two = connect(NodeId.of("n3"));
        List<List<AnswerMessage>> answers = new ArrayList<>();
        int[] depth = {0};
        node.files.onRead((version, position) -> {
            if (depth[0]++ < 4 && position == 0) {
                try {
                    // Within the transfers before: the second of this peer, its third, then two of another.
                    answers.add(ask(depth[0] <= 2 ? one : two, range(0, 2 * MIB)));
                } catch (IOException | WireException e) {
                    throw new StorageException("the nested request failed", e);
                }
            }
        });
        ask(one, range(0, 2 * MIB));

        List<AnswerMessage> busy = List.of(new AnswerMessage.AllRefused(RefusalCode.BUSY));
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0)).as("the third of one peer").isEqualTo(busy);
        assertThat(answers.get(1)).as("its second").hasSize(4);
        node.files.onRead((version, position) -> {});
        assertThat(ask(one, range(0, MIB))).hasSize(3);
    }

    /** What an answer that failed must leave as it was, but for the buffer that it was sent from. */
    private record State(ServeCapacity.Usage usage, int proven, int unproven, Set<Thread> threads) {
        State withIdleBuffers(int idle) {
            return new State(new ServeCapacity.Usage(0, 0, 0, 0, 0, 0, idle), proven, unproven, threads);
        }
    }

    private State state() {
        ServeStats stats = node.server().stats();
        return new State(
                node.capacity.usage(),
                stats.provenSessions(),
                stats.unprovenSessions(),
                Thread.getAllStackTraces().keySet());
    }

    /** A thread of somebody else's may have ended meanwhile. */
    private void assertStateIs(State expected) {
        State now = state();
        assertThat(now.threads()).isSubsetOf(expected.threads());
        assertThat(now).usingRecursiveComparison().ignoringFields("threads").isEqualTo(expected);
    }

    /** The buffer is let go, since somebody may be sending from it still; the next answer makes another. */
    private void assertOnlyItsBufferIsGone(State before, ClientSession session) throws IOException, WireException {
        assertThat(before.usage().idleBuffers()).isEqualTo(1);
        assertStateIs(before.withIdleBuffers(0));
        assertThat(ask(session, range(0, 2 * MIB))).hasSize(4);
        assertStateIs(before);
    }

    /** Lesson 27: a reader that takes nothing is given up, and the thread is the pool's again. */
    @Test
    void aStalledReaderIsGivenUp() throws Exception {
        ClientSession session = connect(CLIENT);
        assertThat(ask(session, range(0, 2 * MIB))).hasSize(4);
        State before = state();
        ByteBuffer request = session.request(List.of(range(0, 2 * MIB))).message();
        CountDownLatch stalled = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        FutureTask<Boolean> serving = new FutureTask<>(() -> {
            assertThatThrownBy(() -> node.server().serve(request, message -> {
                        stalled.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            throw new IOException("interrupted", e);
                        }
                    }))
                    .isInstanceOf(IOException.class);
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = new Thread(serving, "serving");
        thread.start();
        stalled.await();
        assertThat(node.capacity.usage()).isEqualTo(new ServeCapacity.Usage(1, 0, 0, 0, 0, 1, 0));

        scheduler.advance(Duration.ofSeconds(29));
        assertThat(serving.isDone()).isFalse();
        scheduler.advance(Duration.ofSeconds(3));

        assertThat(serving.get(1, TimeUnit.MINUTES))
                .as("the interrupt outlived the send")
                .isFalse();
        thread.join();
        assertThat(node.server().stats().stalledReaders()).isEqualTo(1);
        assertOnlyItsBufferIsGone(before, session);
    }

    @Test
    void closingEndsAnAnswerBeingSent() throws Exception {
        ClientSession session = connect(CLIENT);
        ByteBuffer request = session.request(List.of(range(0, 2 * MIB))).message();
        assertThatThrownBy(() ->
                        node.server().serve(request, message -> node.server().close()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> serve(ByteBuffer.allocate(3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aBrokenChannelGivesEverythingBack() throws Exception {
        ClientSession session = connect(CLIENT);
        assertThat(ask(session, range(0, 2 * MIB))).hasSize(4);
        State before = state();
        for (int i = 0; i < 3; i++) {
            ByteBuffer request = session.request(List.of(range(0, 2 * MIB))).message();
            assertThatThrownBy(() -> node.server().serve(request, message -> {
                        throw new IOException("reset");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("reset");
        }
        assertOnlyItsBufferIsGone(before, session);
    }

    /** What failed is never sent from again: another answer would be written into the bytes of one that is leaving. */
    @Test
    void aBufferOfAFailedSendIsNotUsedAgain() throws Exception {
        ClientSession session = connect(CLIENT);
        ByteBuffer request = session.request(List.of(range(0, MIB))).message();
        List<ByteBuffer> leaving = new ArrayList<>();
        assertThatThrownBy(() -> node.server().serve(request, message -> {
                    leaving.add(message.duplicate());
                    throw new IOException("reset");
                }))
                .hasMessage("reset");
        ByteBuffer was = ByteBuffer.allocate(leaving.get(0).remaining());
        was.put(leaving.get(0).duplicate()).flip();

        assertThat(ask(session, range(MIB, MIB))).hasSize(3);

        assertThat(leaving.get(0)).isEqualTo(was);
    }

    @Test
    void waitsWhileTheDiskIsSlowAndSendsWhatItHas() throws Exception {
        FileEntry small = node.hold("small", 6, SampleFiles.content(4, 100));
        node.files.onRead((version, position) ->
                scheduler.advance(version.equals(small.version()) ? Duration.ZERO : Duration.ofMillis(3_500)));

        List<AnswerMessage> answer = ask(WantedRange.of(small, 0, 100), range(0, MIB));

        assertThat(answer.get(1)).isInstanceOf(AnswerMessage.Frame.class);
        assertThat(answer.subList(3, 5)).containsOnly(new AnswerMessage.Wait());
        assertThat(answer.get(5)).isInstanceOf(AnswerMessage.Frame.class);
        assertThat(answer.get(6)).isEqualTo(new AnswerMessage.Trailer());
    }

    @Test
    void anAnswerIsWatchedFurtherWhenNoWorkerHasRoomOnce() throws Exception {
        node.files.onRead((version, position) -> {
            scheduler.refuseNext();
            scheduler.advance(Duration.ofMillis(3_500));
        });

        List<AnswerMessage> answer = ask(range(0, MIB));

        assertThat(answer.subList(1, 2)).containsOnly(new AnswerMessage.Wait());
        assertThat(answer.get(answer.size() - 1)).isEqualTo(new AnswerMessage.Trailer());
    }

    @Test
    void manySmallFilesLeaveTogether() throws Exception {
        ClientSession session = connect(CLIENT);
        List<WantedRange> ranges = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            ranges.add(WantedRange.of(node.hold("s/" + i, 10 + i, SampleFiles.content(i, 1_000)), 0, 1_000));
        }
        List<ByteBuffer> packets = serve(session.request(ranges).message());
        assertThat(packets).hasSize(1);
    }

    @Test
    void aSettingOutOfRangeIsNamed() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new ServeConfig(0, 1, 1, second, second)).hasMessageContaining("maxTransfers is 0");
        assertThatThrownBy(() -> new ServeConfig(4, 5, 1, second, second))
                .hasMessageContaining("maxTransfersPerPeer is 5")
                .hasMessageContaining("4");
        assertThatThrownBy(() -> new ServeConfig(4, 4, 1, Duration.ofMillis(500), second))
                .hasMessageContaining("stallLimit");
        assertThatThrownBy(() -> new ServeConfig(4, 4, 1, second, Duration.ofSeconds(2)))
                .hasMessageContaining("waitInterval");
    }
}
