package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.NodeId;
import io.filereplication.loopback.MemoryTransport.Sent;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody on the way changes the packets of a three-chunk file: acknowledgement with the first chunk, second chunk, third
 * chunk, trailer. Whatever is done, no byte is staged that is not the file's, and the next honest fetch succeeds.
 */
class FetchAdversaryTest extends AttackFixture {
    /** The exchange ends for this reason, which the attack is counted for as {@code kind}, or not at all when that is null. */
    private void assertEnds(
            UnaryOperator<List<Sent>> attack,
            Class<? extends FetchException> reason,
            int received,
            @Nullable ProofFailure kind)
            throws InterruptedException {
        State state = state();
        Map<ProofFailure, Long> counted = fetcher.rejections();
        int rejected = network.rejected();
        network.onAnswer(packets -> packets.size() < 2 ? packets : attack.apply(new ArrayList<>(packets)));
        FetchItem item = item(entry, content, 0);
        assertFailed(fetch(item), reason, received);
        assertThat(staged(item)).hasSize(received).isEqualTo(Arrays.copyOf(content, received));
        assertThat(network.unread()).as("packets that were not given back").isZero();
        assertThat(fetcher.rejections()).isEqualTo(oneMore(counted, kind));
        assertThat(network.rejected()).as("connections ended").isEqualTo(rejected + (kind == null ? 0 : 1));
        assertHonestFetchSucceedsAndAllIsAsIn(state);
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
        assertEnds(flip(1, at), AuthenticationException.class, MIB, ProofFailure.ANSWER_TAG);
        assertThat(health.hasBadCopy(PEER, entry.path())).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"session, 8", "counter, 24", "offset, 40", "length, 48", "prefix digest, 56", "tag, 88"})
    void aFlippedAcknowledgementEndsTheExchange(String field, int at) throws InterruptedException {
        assertEnds(flip(0, at), AuthenticationException.class, 0, ProofFailure.ANSWER_TAG);
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
        assertThat(fetcher.rejections().values()).as("it is not read").containsOnly(0L);
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
                4 * MIB,
                field.equals("kind") ? ProofFailure.MALFORMED : ProofFailure.ANSWER_TAG);
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
                MIB,
                ProofFailure.ANSWER_TAG);
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
                MIB,
                ProofFailure.ANSWER_TAG);
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
                MIB,
                ProofFailure.ANSWER_TAG);
    }

    @Test
    void theUniformRefusalInTheMiddleOfAnAnswerIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, new Sent(new byte[] {0x46, 0x52, 0x45, 0x50, 1, 9, 0, 0}, 0));
                    return packets;
                },
                UnreachableException.class,
                MIB,
                ProofFailure.MALFORMED);
    }

    @Test
    void noiseInTheMiddleOfAnAnswerIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, new Sent(SampleFiles.content(7, 5_000), 0));
                    return packets;
                },
                UnreachableException.class,
                MIB,
                ProofFailure.MALFORMED);
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
        assertEnds(
                packets -> {
                    packets.set(1, heard.get(1));
                    return packets;
                },
                AuthenticationException.class,
                MIB,
                ProofFailure.ANSWER_TAG);
        assertThat(peer.server().stats().provenSessions()).as("one of each").isEqualTo(2);
    }

    @Test
    void flippedDataIsAChecksumMismatch() throws InterruptedException {
        assertEnds(flip(1, 116), ChecksumMismatchException.class, MIB, null);
        assertEnds(flip(1, -1), ChecksumMismatchException.class, MIB, null);
    }

    /**
     * Not one bit of a small file's answer can be another. Of its parts the trailer comes last, when the file is here; what is
     * wrong with it is noticed all the same.
     */
    @Test
    void everyFlippedBitOfASmallFilesAnswerIsRefused() throws InterruptedException {
        content = SampleFiles.content(3, 100);
        anHonestFetchSucceeds();
        State state = state();
        int data = 120 + Protocol.FRAME_HEADER_BYTES;
        int trailer = data + content.length;
        for (int bit = 0; bit < (trailer + 80) * 8; bit++) {
            int at = bit / 8;
            int flipped = bit;
            long rejected = fetcher.rejections().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            network.onAnswer(packets -> flipBit(packets, flipped));
            FetchItem item = item(entry, content, 0);
            FetchOutcome outcome = fetch(item);
            boolean isData = at >= data && at < trailer;
            if (at >= trailer) {
                assertThat(outcome).isEqualTo(new FetchOutcome.Received(content.length));
            } else {
                assertThat(staged(item)).as("bit %s", bit).isEmpty();
                assertThat(outcome).as("bit %s", bit).isInstanceOfSatisfying(FetchOutcome.Failed.class, failed -> {
                    if (isData) {
                        assertThat(failed.reason()).isInstanceOf(ChecksumMismatchException.class);
                    } else {
                        assertThat(failed.reason())
                                .isInstanceOfAny(AuthenticationException.class, UnreachableException.class);
                    }
                });
            }
            assertThat(fetcher.rejections().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("bit %s", bit)
                    .isEqualTo(rejected + (isData ? 0 : 1));
            network.onAnswer(UnaryOperator.identity());
            assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(content.length));
        }
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    private static List<Sent> flipBit(List<Sent> packets, int bit) {
        int at = bit / 8;
        for (Sent packet : packets) {
            if (at < packet.bytes().length) {
                packet.bytes()[at] ^= (byte) (1 << bit % 8);
                return packets;
            }
            at -= packet.bytes().length;
        }
        throw new AssertionError("The answer ends before bit " + bit);
    }

    @Test
    void aDroppedChunkIsNoticedAtTheNext() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.remove(1);
                    return packets;
                },
                AuthenticationException.class,
                MIB,
                ProofFailure.ANSWER_PLACE);
    }

    @Test
    void aRepeatedChunkIsRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, packets.get(1));
                    return packets;
                },
                AuthenticationException.class,
                2 * MIB,
                ProofFailure.ANSWER_PLACE);
    }

    @Test
    void reorderedChunksAreRefused() throws InterruptedException {
        assertEnds(
                packets -> {
                    packets.add(1, packets.remove(2));
                    return packets;
                },
                AuthenticationException.class,
                MIB,
                ProofFailure.ANSWER_PLACE);
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
                MIB,
                ProofFailure.MALFORMED);
    }

    @Test
    void anAnswerThatIsCutOffIsIncomplete() throws InterruptedException {
        assertEnds(packets -> packets.subList(0, 2), UnreachableException.class, 2 * MIB, null);
    }

    @Test
    void anAnswerThatIsCutOffBeforeItBeginsCostsNoSession() throws InterruptedException {
        State state = state();
        network.onAnswer(packets -> packets.size() < 2 ? packets : List.of());
        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, 0);
        assertThat(fetcher.rejections().values()).containsOnly(0L);
        assertHonestFetchSucceedsAndAllIsAsIn(state);
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
                MIB,
                ProofFailure.ANSWER_PLACE);
    }

    /** A forged uniform refusal costs a hello, not the fetch; one after the other cost the fetch. */
    @Test
    void aForgedRefusalMakesTheClientSayHelloAgain() throws InterruptedException {
        State state = state();
        long hellos = peer.server().stats().hellos();
        int[] answers = {0};
        network.onAnswer(packets -> answers[0]++ == 0 ? refusal() : packets);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(3 * MIB));
        assertThat(peer.server().stats().hellos()).isEqualTo(hellos + 1);

        network.onAnswer(packets -> packets.size() < 2 ? packets : refusal());
        FetchItem item = item(entry, content, 0);
        assertFailed(fetch(item), AuthenticationException.class, 0);
        assertThat(staged(item)).isEmpty();
        assertThat(peer.server().stats().hellos())
                .as("no more than two in vain")
                .isEqualTo(hellos + 3);
        assertThat(fetcher.rejections().values())
                .as("a peer that restarted sends the same")
                .containsOnly(0L);
        assertAllIsAsInWhenSessionsHaveEnded(state);
    }

    private static List<Sent> refusal() {
        return List.of(new Sent(new byte[] {0x46, 0x52, 0x45, 0x50, 1, 9, 0, 0}, 0));
    }
}
