package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.storage.StorageFullException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes arrive, and what becomes of those that are wrong. */
class AuthenticatedFetcherTest extends FetchFixture {
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
}
