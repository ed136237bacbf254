package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.B;
import static io.filereplication.pull.OneNode.PATH;
import static io.filereplication.pull.OneNode.SELF;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.fetch.AuthenticationException;
import io.filereplication.fetch.BadOffsetException;
import io.filereplication.fetch.BehindException;
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.ChecksumMismatchException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.fetch.UnsupportedVersionException;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each outcome means, and the puller's other promises. */
class PullerOutcomesTest {
    private static final byte[] CONTENT = content("some content");

    private final OneNode node = new OneNode();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    @Test
    void peersThatCannotServeAreFollowedByTheNextCandidateInTheSameAttempt() {
        List<ScriptedFetcher.Reply> replies = List.of(
                ScriptedFetcher.fails(() -> new UnreachableException("x")),
                ScriptedFetcher.fails(() -> new AuthenticationException("x")),
                ScriptedFetcher.fails(() -> new UnsupportedVersionException("x")),
                ScriptedFetcher.fails(() -> new BehindException("x")),
                ScriptedFetcher.fails(() -> new BusyException("x")));
        node.fetcher.has(B, CONTENT);
        node.started();
        for (int i = 0; i < replies.size(); i++) {
            node.fetcher.once(A, replies.get(i));
            FileEntry entry = node.manifest.register(FilePath.of("f" + i), CONTENT, A);
            node.run();
            node.assertHere(entry);
        }
        assertThat(node.fetcher.askedPeers()).hasSize(2 * replies.size());
        assertThat(node.count("auth_failure")).isEqualTo(1);
    }

    @Test
    void aMismatchEndsTheAttemptAndAsksNobodyElseInIt() {
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new ChecksumMismatchException("x")));
        node.fetcher.has(B, CONTENT);
        node.started();
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(node.fetcher.askedPeers()).containsExactly(A);
        assertThat(node.fetcher.reported).containsExactly(A);
    }

    @Test
    void behindAndBusyAreNotAttempts() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new BehindException("x")));
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofMinutes(10));
        assertThat(node.count("failed")).isZero();
        node.fetcher.has(B, CONTENT);
        node.fetcher.heal(B);
        node.advance(Duration.ofSeconds(31));
        node.assertHere(entry);
    }

    @Test
    void aPeerThatRefusesEvenTheFirstByteIsLeftForTheNext() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new BadOffsetException("x")));
        node.fetcher.has(B, CONTENT);
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.assertHere(entry);
        assertThat(node.fetcher.askedPeers()).containsExactly(A, A, B);
    }

    @Test
    void storageThatCannotAppendBeginsAtZero() {
        byte[] big = new byte[(2 << 20) + 1];
        node.files.cannotAppend = true;
        FileEntry entry = FakeManifest.entry(PATH, big, A, new Lsn(0, 0));
        node.files.stageAs(entry.version(), Arrays.copyOf(big, (1 << 20) + 3));
        node.fetcher.has(A, big);
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.asked).containsExactly(new ScriptedFetcher.Asked(A, entry, 0));
        assertThat(node.count("bad_offset_storage")).isEqualTo(1);
    }

    @Test
    void storageThatCannotAppendToAWholeChunkBeginsAtZeroAtTheSamePeer() {
        byte[] big = new byte[(2 << 20) + 1];
        node.files.cannotAppend = true;
        FileEntry entry = FakeManifest.entry(PATH, big, A, new Lsn(0, 0));
        node.files.stageAs(entry.version(), Arrays.copyOf(big, 1 << 20));
        node.fetcher.has(A, big);
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.askedPeers()).containsExactly(A, A);
        assertThat(node.count("bad_offset_storage")).isEqualTo(1);
    }

    @Test
    void fullStoragePausesPullingWhileDeletesGoOnAndResumesByItself() {
        FilePath other = FilePath.of("other");
        FileEntry old = node.manifest.register(other, CONTENT, A);
        node.files.has(old, CONTENT);
        // One of few would be many at once, and keep its bytes.
        node.manifest.register(FilePath.of("large"), new byte[100 * CONTENT.length], SELF);
        node.files.has(node.manifest.get(FilePath.of("large")), new byte[100 * CONTENT.length]);
        node.started();
        node.fetcher.has(A, CONTENT);
        node.files.full = true;
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(1));
        assertThat(node.fetcher.asked).isEmpty();
        assertThat(node.count("failed")).isZero();
        node.manifest.delete(other);
        node.advance(Duration.ofSeconds(6));
        node.assertNotHere(other);
        node.assertHere(entry);
    }

    @Test
    void fullStorageIsTriedAgainWithoutADelete() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.files.full = true;
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofHours(1));
        node.files.full = false;
        node.advance(Duration.ofMinutes(11));
        node.assertHere(entry);
    }

    /** Whoever made room by hand does not wait for a pause that has grown to minutes. */
    @Test
    void fullStorageIsTriedAtOnceWhenSomebodyAsksForACatchUp() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.files.full = true;
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofHours(1));
        node.files.full = false;
        node.advance(Duration.ofSeconds(1));
        node.assertNotHere(PATH);

        node.puller.runCatchUp();
        node.advance(Duration.ofSeconds(1));

        node.assertHere(entry);
    }

    @Test
    void anErrorOfTheStorageIsCountedAndTriedAgain() {
        for (String step : List.of("presence", "stage", "publish")) {
            OneNode one = new OneNode();
            try {
                one.started();
                one.fetcher.has(A, CONTENT);
                one.files.failures.put(step, new StorageException("expected by the test"));
                FileEntry entry = one.manifest.register(PATH, CONTENT, A);
                one.advance(Duration.ofSeconds(1));
                one.assertHere(entry);
                assertThat(one.count("storage_failure")).as(step).isEqualTo(1);
            } finally {
                one.close();
            }
        }
    }

    @Test
    void aFailureThatNobodyExpectedLosesNoPull() {
        for (String step : List.of("presence", "stage", "publish")) {
            OneNode one = new OneNode();
            try {
                one.started();
                one.fetcher.has(A, CONTENT);
                one.files.hook = seen -> {
                    if (seen.equals(step)) {
                        one.files.hook = other -> {};
                        throw new IllegalStateException("expected by the test");
                    }
                };
                FileEntry entry = one.manifest.register(PATH, CONTENT, A);
                one.advance(Duration.ofSeconds(1));
                one.assertHere(entry);
            } finally {
                one.close();
            }
        }
    }

    @Test
    void smallFilesOfOnePeerShareAnExchange() {
        node.started();
        node.puller.pause();
        List<FileEntry> entries = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
            byte[] content = content("content " + i);
            node.fetcher.has(i % 3 == 0 ? B : A, content);
            entries.add(node.manifest.register(FilePath.of("f" + i), content, A));
        }
        node.puller.resume();
        node.run();
        entries.forEach(node::assertHere);
        assertThat(node.fetcher.batchSizes.get(0)).isEqualTo(200);
        assertThat(node.fetcher.batchSizes).hasSizeLessThan(40).allMatch(size -> size <= 256);
    }

    @Test
    void aLargeFileIsFetchedAlone() {
        node.started();
        node.puller.pause();
        byte[] big = new byte[(1 << 20) + 1];
        node.fetcher.has(A, big);
        node.fetcher.has(A, CONTENT);
        node.manifest.register(FilePath.of("small1"), CONTENT, A);
        node.manifest.register(FilePath.of("big"), big, A);
        node.manifest.register(FilePath.of("small2"), CONTENT, A);
        node.puller.resume();
        node.run();
        assertThat(node.count("pulled")).isEqualTo(3);
        assertThat(node.fetcher.batchSizes).containsExactly(2, 1);
    }

    @Test
    void aSameVersionIsNotPulledTwiceAndAnUnwantedOneNotAtAll() {
        OneNode picky = new OneNode(
                settings -> settings.filter((path, attributes) -> !path.value().startsWith("tmp/")));
        try {
            picky.started();
            picky.puller.pause();
            FileEntry entry = picky.manifest.register(PATH, CONTENT, A);
            picky.puller.enqueue(entry);
            picky.manifest.register(FilePath.of("tmp/x"), CONTENT, A);
            assertThat(picky.count("skipped_duplicate")).isEqualTo(1);
            assertThat(picky.count("skipped_unwanted")).isEqualTo(1);
            picky.fetcher.has(A, CONTENT);
            picky.puller.resume();
            picky.run();
            picky.assertHere(entry);
            picky.assertNotHere(FilePath.of("tmp/x"));
            picky.puller.enqueue(entry);
            assertThat(picky.count("skipped_local")).isEqualTo(1);
        } finally {
            picky.close();
        }
    }

    @Test
    void manyRemovalsAtOnceGoToTheTrashAndFewDoNot() {
        List<FileEntry> entries = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            FileEntry entry = node.manifest.register(FilePath.of("f" + i), CONTENT, A);
            node.files.has(entry, CONTENT);
            entries.add(entry);
        }
        node.started();
        node.manifest.delete(entries.get(0).path());
        node.advance(Duration.ofSeconds(6));
        assertThat(node.files.removed).hasSize(1);
        assertThat(node.files.trash).isEmpty();
        for (FileEntry entry : entries.subList(1, 120)) {
            node.manifest.delete(entry.path());
        }
        node.advance(Duration.ofSeconds(6));
        assertThat(node.files.removed).hasSize(120);
        assertThat(node.files.trash).hasSize(119);
    }

    @Test
    void aLargeShareOfTheBytesGoesToTheTrash() {
        FileEntry big = node.manifest.register(PATH, new byte[1_000], A);
        node.files.has(big, new byte[1_000]);
        node.manifest.register(FilePath.of("rest"), new byte[5_000], A);
        node.fetcher.has(A, new byte[5_000]);
        node.started();
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(6));
        assertThat(node.files.trash).containsOnlyKeys(PATH);
    }

    @Test
    void nothingIsRemovedWhileTheManifestIsNotSettled() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.files.has(entry, CONTENT);
        node.started();
        node.manifest.delete(PATH);
        node.manifest.unsettle();
        node.advance(Duration.ofMinutes(30));
        node.assertStillThere(PATH);
        node.manifest.install(100, List.of());
        node.advance(Duration.ofSeconds(10));
        node.assertNotHere(PATH);
    }

    @Test
    void aRemovalThatFailedIsTriedAgainSoon() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.files.has(entry, CONTENT);
        node.started();
        node.files.failures.put("remove", new StorageException("expected by the test"));
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(12));
        node.assertNotHere(PATH);
    }

    @Test
    void lostRecordsCostAHashAndNoFetch() {
        List<FileEntry> entries = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            entries.add(node.manifest.register(FilePath.of("f" + i), content("c" + i), SELF));
            node.files.write(FilePath.of("f" + i), content("c" + i));
        }
        node.started();
        entries.forEach(node::assertHere);
        assertThat(node.fetcher.asked).isEmpty();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    @Test
    void aRequestedVerificationGoesFirst() {
        node.started();
        List<FileEntry> entries = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            node.files.write(FilePath.of("f" + i), CONTENT);
            entries.add(FakeManifest.entry(FilePath.of("f" + i), CONTENT, A, new Lsn(i, 0)));
        }
        node.puller.verifySoon(entries.get(0));
        node.puller.verifySoon(entries.get(1));
        node.puller.verifySoon(entries.get(2));
        node.puller.verifySoon(entries.get(0));
        node.run();
        assertThat(node.files.verified)
                .containsExactly(
                        entries.get(0).version(),
                        entries.get(2).version(),
                        entries.get(1).version());
    }

    @Test
    void aDoubtedFileCountsAsMissingOnlyOnceItWasFoundToBeSomethingElse() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, SELF);
        node.files.has(entry, CONTENT);
        node.started();
        node.puller.verifySoon(entry);
        assertThat(node.count("missing")).isZero();
        assertThat(node.puller.caughtUpIndex()).isZero();
        node.run();
        assertThat(node.files.verified).containsExactly(entry.version());
        node.files.rot(PATH);
        node.puller.verifySoon(entry);
        node.run();
        assertThat(node.count("missing")).isEqualTo(1);
        node.fetcher.has(B, CONTENT);
        node.advance(Duration.ofSeconds(2));
        node.assertHere(entry);
    }

    @Test
    void theScrubFindsRotAndRepairsItFromAPeerAtTheOriginToo() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, SELF);
        node.files.has(entry, CONTENT);
        node.started();
        node.files.rot(PATH);
        node.fetcher.has(B, CONTENT);
        node.advance(Duration.ofDays(8));
        node.assertHere(entry);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    @Test
    void aPausedPullerPullsNothingAndStillRemoves() {
        FileEntry old = node.manifest.register(PATH, CONTENT, A);
        node.files.has(old, CONTENT);
        node.started();
        node.puller.pause();
        node.fetcher.has(A, CONTENT);
        FileEntry other = node.manifest.register(FilePath.of("other"), CONTENT, A);
        node.manifest.delete(PATH);
        node.advance(Duration.ofMinutes(1));
        node.assertNotHere(PATH);
        node.assertNotHere(other.path());
        node.puller.resume();
        node.run();
        node.assertHere(other);
    }

    @Test
    void whoWaitsForAFileHearsWhenItIsHere() {
        node.started();
        CompletableFuture<FileEntry> early = node.puller.awaitLocal(PATH, new Lsn(0, 0));
        CompletableFuture<FileEntry> later = node.puller.awaitLocal(PATH, new Lsn(1, 0));
        node.fetcher.has(A, CONTENT);
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        assertThat(early).isNotDone();
        node.run();
        assertThat(early).isCompletedWithValue(entry);
        assertThat(later).isNotDone();
        CompletableFuture<FileEntry> late = node.puller.awaitLocal(PATH, new Lsn(0, 0));
        node.run();
        assertThat(late).isCompletedWithValue(entry);
        node.puller.close();
        assertThat(later).isCancelled();
    }

    @Test
    void closingLeavesStagedBytesAndDoesNothingAfterwards() {
        byte[] big = new byte[(2 << 20) + 1];
        node.started();
        node.fetcher.has(A, big);
        node.fetcher.once(A, node.fetcher.breaksAfter(A, 1 << 20, () -> new UnreachableException("reset")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new UnreachableException("down")));
        FileEntry entry = node.manifest.register(PATH, big, A);
        node.run();
        node.puller.close();
        int asked = node.fetcher.asked.size();
        node.manifest.register(FilePath.of("late"), CONTENT, A);
        node.manifest.delete(FilePath.of("late"));
        node.puller.runCatchUp();
        node.puller.topologyChanged();
        node.advance(Duration.ofDays(1));
        assertThat(node.fetcher.asked).hasSize(asked);
        assertThat(node.files.stagedVersions()).containsExactly(entry.version());
    }

    @Test
    void closingInsideAFetchEndsItAndKeepsItsBytes() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.fetcher.hook = node.puller::close;
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.assertNotHere(PATH);
        assertThat(node.files.open).isEmpty();
        assertThat(node.files.published).isEmpty();
    }

    @Test
    void closingBeforeStartIsHarmless() {
        node.puller.close();
        node.puller.start();
        node.advance(Duration.ofHours(1));
        assertThat(node.barriers).isEmpty();
    }

    @Test
    void theStatisticsHaveExactlyTheDocumentedNames() {
        Map<String, Long> map = node.puller.stats().toMap();
        assertThat(map.keySet()).containsExactlyElementsOf(PullerStats.names());
        assertThat(String.join(", ", map.keySet()))
                .isEqualTo("enqueued, skipped_self, skipped_local, skipped_duplicate, skipped_unwanted, superseded, "
                        + "pulled, published_local, pulled_bytes, failed, deferred, checksum_mismatch, peer_lookup_failure, "
                        + "file_not_on_peer, unreachable, bad_offset_server, bad_offset_storage, auth_failure, "
                        + "storage_failure, "
                        + "resumed, resumed_bytes, queue_depth, in_flight, missing, missing_bytes, "
                        + "oldest_missing_age_ms, unavailable, paused, storage_full, "
                        + "catch_up_started_at, catch_up_completed_at, catch_up_walks, catch_up_entries_walked, "
                        + "catch_up_enqueued, catch_up_skipped, catch_up_in_flight, catch_up_failed, "
                        + "catch_up_deferred");
    }

    @Test
    void walksAreRepeatedAtIntervalsAndRequestsCoalesce() {
        node.started();
        assertThat(node.count("catch_up_walks")).isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            node.puller.runCatchUp();
        }
        node.run();
        assertThat(node.count("catch_up_walks")).isEqualTo(2);
        node.advance(Duration.ofMinutes(60));
        assertThat(node.count("catch_up_walks")).isBetween(8L, 14L);
    }

    @Test
    void theCaughtUpIndexStopsBeforeTheFirstMissingFile() {
        node.fetcher.has(A, CONTENT);
        FileEntry here = node.manifest.register(PATH, CONTENT, A);
        node.started();
        node.assertHere(here);
        assertThat(node.puller.caughtUpIndex()).isZero();
        FileEntry missing = node.manifest.registerAt(7, FilePath.of("missing"), content("nobody has it"), A);
        node.manifest.registerAt(9, FilePath.of("after"), CONTENT, A);
        node.run();
        assertThat(node.puller.caughtUpIndex()).isEqualTo(6);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
        node.manifest.deleteAt(12, missing.path());
        assertThat(node.puller.caughtUpIndex()).isEqualTo(12);
    }

    @Test
    void waitingPullsBeyondTheirBoundAreLeftToAWalk() {
        OneNode small = new OneNode(settings -> settings.waitingSize(2));
        try {
            List<FileEntry> entries = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                entries.add(small.manifest.register(FilePath.of("f" + i), content("c" + i), A));
            }
            small.started();
            small.advance(Duration.ofMinutes(5));
            assertThat(small.count("missing")).isLessThanOrEqualTo(6);
            assertThat(small.count("deferred")).isPositive();
            assertThat(small.puller.fullyCaughtUp()).isFalse();
            for (int i = 0; i < 6; i++) {
                small.fetcher.has(A, content("c" + i));
            }
            small.advance(Duration.ofMinutes(15));
            entries.forEach(small::assertHere);
            assertThat(small.puller.fullyCaughtUp()).isTrue();
        } finally {
            small.close();
        }
    }
}
