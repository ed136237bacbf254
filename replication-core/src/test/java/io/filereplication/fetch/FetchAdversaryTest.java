package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport.Sent;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.wire.AnswerSealer;
import io.filereplication.wire.MessageKind;
import io.filereplication.wire.ServerSessions;
import io.filereplication.wire.Unproven;
import io.filereplication.wire.WireException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody on the way changes the packets of a three-chunk file: acknowledgement with the first chunk, second chunk, third
 * chunk, trailer. Whatever is done, no byte is staged that is not the file's, and the next honest fetch succeeds.
 */
class FetchAdversaryTest extends FetchFixture {
    private byte[] content = SampleFiles.content(1, 3 * MIB);
    private FileEntry entry = SampleFiles.entry("unset", 1, PEER, content);

    @BeforeEach
    void anHonestFetchSucceeds() throws InterruptedException {
        entry = peer.hold("f", 5, content);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(content.length));
    }

    private void assertEnds(UnaryOperator<List<Sent>> attack, Class<? extends FetchException> reason, int received)
            throws InterruptedException {
        State state = state();
        network.onAnswer(packets -> packets.size() < 2 ? packets : attack.apply(new ArrayList<>(packets)));
        FetchItem item = item(entry, content, 0);
        assertFailed(fetch(item), reason, received);
        assertThat(staged(item)).hasSize(received).isEqualTo(Arrays.copyOf(content, received));
        assertThat(network.unread()).as("packets that were not given back").isZero();
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    private void assertHonestFetchSucceedsAndAllIsAsIn(State before) throws InterruptedException {
        network.onAnswer(UnaryOperator.identity());
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(content.length));
        State now = state();
        assertThat(now.threads()).isSubsetOf(before.threads());
        assertThat(now).usingRecursiveComparison().ignoringFields("threads").isEqualTo(before);
    }

    /** What an attack must leave as it was. */
    private record State(
            ServeCapacity.Usage usage,
            int proven,
            int unproven,
            int openFiles,
            int unreadPackets,
            int tasks,
            Set<Thread> threads) {}

    private State state() {
        return new State(
                peer.capacity.usage(),
                peer.server().stats().provenSessions(),
                peer.server().stats().unprovenSessions(),
                peer.files.openFiles(),
                network.unread(),
                scheduler.pending(),
                Thread.getAllStackTraces().keySet());
    }

    private static UnaryOperator<List<Sent>> flip(int packet, int at) {
        return packets -> {
            byte[] bytes = packets.get(packet).bytes();
            bytes[at < 0 ? bytes.length + at : at] ^= 1;
            return packets;
        };
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "session, 8",
        "counter, 24",
        "sequence number, 39",
        "offset, 40",
        "length, 48",
        "prefix digest, 52",
        "tag, 84",
        "end of the tag, 115"
    })
    void aFlippedHeaderEndsTheExchangeAndBlamesNoFile(String field, int at) throws InterruptedException {
        assertEnds(flip(1, at), AuthenticationException.class, MIB);
        assertThat(health.hasBadCopy(PEER, entry.path())).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"session, 8", "counter, 24", "offset, 40", "length, 48", "prefix digest, 56", "tag, 88"})
    void aFlippedAcknowledgementEndsTheExchange(String field, int at) throws InterruptedException {
        assertEnds(flip(0, at), AuthenticationException.class, 0);
    }

    /** What follows the third chunk, whose digest is the file's: the file is here, the exchange is not trusted further. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"kind, -75", "sequence number, -41", "bytes, -40", "tag, -1"})
    void aFlippedTrailerDoesNotUndoAVerifiedFile(String field, int fromEnd) throws InterruptedException {
        State state = state();
        network.onAnswer(packets ->
                packets.size() < 2 ? packets : flip(packets.size() - 1, fromEnd).apply(packets));
        FetchItem item = item(entry, content, 0);
        assertThat(fetch(item)).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(staged(item)).isEqualTo(content);
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    /** Of a file that takes two requests: what follows the trailer of the first is not believed. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"kind, -75", "sequence number, -41", "bytes, -40", "tag, -1"})
    void aFlippedTrailerBetweenTwoRangesEndsTheExchange(String field, int fromEnd) throws InterruptedException {
        content = SampleFiles.content(2, 5 * MIB);
        anHonestFetchSucceeds();
        assertEnds(
                packets -> packets.size() < 5
                        ? packets
                        : flip(packets.size() - 1, fromEnd).apply(packets),
                // A message of a kind that does not exist is no message; any other is a forged one.
                field.equals("kind") ? UnreachableException.class : AuthenticationException.class,
                4 * MIB);
        assertThat(health.hasBadCopy(PEER, entry.path())).isFalse();
    }

    @Test
    void aChunkThatSaysItIsLongerThanWhatWasSentIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    ByteBuffer header = ByteBuffer.wrap(packets.get(1).bytes());
                    header.putInt(48, header.getInt(48) + 1);
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    @Test
    void aForgedWaitIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    byte[] wait = Arrays.copyOf(packets.get(1).bytes(), 72);
                    wait[5] = 7;
                    packets.add(1, new Sent(wait, 0));
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    @Test
    void aForgedRefusalOfTheRestIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    byte[] refusal = Arrays.copyOf(packets.get(1).bytes(), 74);
                    refusal[5] = 5;
                    packets.add(1, new Sent(refusal, 0));
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    @Test
    void theUniformRefusalInTheMiddleOfAnAnswerIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, new Sent(new byte[] {0x46, 0x52, 0x45, 0x50, 1, 9, 0, 0}, 0));
                    return packets;
                },
                UnreachableException.class,
                MIB);
    }

    @Test
    void noiseInTheMiddleOfAnAnswerIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, new Sent(SampleFiles.content(7, 5_000), 0));
                    return packets;
                },
                UnreachableException.class,
                MIB);
    }

    /** What another node heard from the same server of the same file. */
    @Test
    void aChunkOfAnotherSessionIsRefused() throws InterruptedException {
        List<Sent> heard = new ArrayList<>();
        network.onAnswer(packets -> {
            heard.addAll(packets.size() < 2 ? List.of() : packets);
            return packets;
        });
        NodeId third = NodeId.of("n3");
        peer.members.add(third);
        AuthenticatedFetcher theirs = fetcher(ServingNode.credentials(third));
        assertThat(theirs.fetch(PEER, List.of(item(entry, content, 0))))
                .containsExactly(new FetchOutcome.Received(3 * MIB));
        network.onAnswer(packets -> {
            if (packets.size() < 2) {
                return packets;
            }
            List<Sent> spliced = new ArrayList<>(packets);
            spliced.set(1, heard.get(1));
            return spliced;
        });
        FetchItem item = item(entry, content, 0);
        assertFailed(fetch(item), AuthenticationException.class, MIB);
        network.onAnswer(UnaryOperator.identity());
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(peer.server().stats().provenSessions()).as("one of each").isEqualTo(2);
    }

    @Test
    void flippedDataIsAChecksumMismatch() throws InterruptedException {
        assertEnds(flip(1, 116), ChecksumMismatchException.class, MIB);
        assertEnds(flip(1, -1), ChecksumMismatchException.class, MIB);
    }

    @Test
    void aDroppedChunkIsNoticedAtTheNext() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.remove(1);
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    @Test
    void aRepeatedChunkIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, packets.get(1));
                    return packets;
                },
                AuthenticationException.class,
                2 * MIB);
    }

    @Test
    void reorderedChunksAreRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, packets.remove(2));
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    @Test
    void aTruncatedChunkIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    Sent whole = packets.get(1);
                    packets.set(1, new Sent(Arrays.copyOf(whole.bytes(), whole.bytes().length - 1), 0));
                    return packets;
                },
                UnreachableException.class,
                MIB);
    }

    @Test
    void anAnswerThatIsCutOffIsIncomplete() throws InterruptedException {
        assertEnds(packets -> packets.subList(0, 2), UnreachableException.class, 2 * MIB);
        assertEnds(packets -> List.of(), UnreachableException.class, 0);
    }

    @Test
    void aChunkOfAnotherAnswerIsRefused() throws InterruptedException {
        List<Sent> heard = new ArrayList<>();
        network.onAnswer(packets -> {
            heard.addAll(packets);
            return packets;
        });
        fetch(item(entry, content, 0));
        assertEnds(
                packets -> {
                    packets.set(1, heard.get(1));
                    return packets;
                },
                AuthenticationException.class,
                MIB);
    }

    /** A forged uniform refusal costs a hello, not the fetch. */
    @Test
    void aForgedRefusalMakesTheClientSayHelloAgain() throws InterruptedException {
        int[] answers = {0};
        network.onAnswer(packets ->
                answers[0]++ == 0 ? List.of(new Sent(new byte[] {0x46, 0x52, 0x45, 0x50, 1, 9, 0, 0}, 0)) : packets);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(peer.server().stats().hellos()).isEqualTo(2);
    }

    /** A member that lies: every frame matches its own digest, but the whole is not what the manifest has. */
    @Test
    void anotherFileUnderThisNameIsAChecksumMismatch() throws InterruptedException {
        byte[] other = SampleFiles.content(9, 100);
        FileEntry wanted = SampleFiles.entry("small", 6, PEER, SampleFiles.content(8, 100));
        ServerSessions sessions =
                new ServerSessions(ServingNode.credentials(PEER), Set::of, scheduler::nanoTime, new Random(5));
        network.connect(PEER, (request, out) -> {
            try {
                if (ServerSessions.kindOf(request) == MessageKind.HELLO) {
                    out.send(sessions.answerHello(request));
                    return;
                }
                AnswerSealer sealer = sessions.open(request).answer();
                ByteBuffer answer = ByteBuffer.allocate(1_000);
                sealer.acknowledgement(answer, 0, 0, 100, Sha256.OF_EMPTY);
                sealer.frameHeader(answer, 0, 0, 100, SampleFiles.digests(other).whole());
                answer.put(other);
                sealer.trailer(answer);
                out.send(answer.flip());
            } catch (WireException e) {
                out.send(Unproven.message());
            }
        });
        scheduler.advance(Duration.ofSeconds(1));
        FetchItem item = new FetchItem(
                wanted, new MemoryStagedFile(wanted.version(), other, 0), new PrefixHasher(), () -> false);

        assertFailed(fetch(item), ChecksumMismatchException.class, 0);
        assertThat(staged(item)).isEmpty();
        assertThat(health.hasBadCopy(PEER, wanted.path())).isTrue();
    }
}
