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
import io.filereplication.ManifestView;
import io.filereplication.fetch.FileNotOnPeerException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Silent loss, wrong data, false readiness: those of docs/failures.md that live in the puller, by number. */
class PullerLossLessonsTest {
    private static final byte[] OLD = content("the old content");
    private static final byte[] NEW = content("the new content");

    private OneNode node = new OneNode();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    /** Lesson 1. */
    @Test
    void bytesThatFailedVerificationAreNeverTakenForTheFinishedFile() {
        node.fetcher.has(B, NEW);
        node.fetcher.once(A, ScriptedFetcher.sendsWrongBytes());
        node.started();
        FileEntry entry = node.manifest.register(PATH, NEW, A);
        node.run();
        node.assertNotHere(PATH);
        assertThat(node.files.stagedVersions()).isEmpty();
        node.advance(Duration.ofSeconds(1));
        node.assertHere(entry);
        assertThat(node.count("checksum_mismatch")).isEqualTo(1);
        assertThat(node.fetcher.reported).containsExactly(A);
    }

    /** Lesson 1, for staged bytes of an earlier process that have the right length. */
    @Test
    void aStagedFileOfTheRightSizeAndWrongContentIsFetchedFromZero() {
        FileEntry entry = FakeManifest.entry(PATH, NEW, A, new Lsn(0, 0));
        node.files.stageAs(entry.version(), new byte[NEW.length]);
        node.fetcher.has(A, NEW);
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.asked).containsExactly(new ScriptedFetcher.Asked(A, entry, 0));
        assertThat(node.count("checksum_mismatch")).isZero();
    }

    /** Lesson 2. */
    @Test
    void withoutPeersAFileStaysMissingAndReadinessClosedUntilThereAreSome() {
        FileEntry entry = node.manifest.register(PATH, NEW, A);
        node.fetcher.has(A, NEW);
        node.candidates.clear();
        node.started();
        node.advance(Duration.ofHours(2));
        assertThat(node.puller.catchUpCompleted()).isTrue();
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        assertThat(node.count("missing")).isEqualTo(1);
        assertThat(node.count("peer_lookup_failure")).isGreaterThan(2);
        assertThat(node.count("failed")).isZero();
        node.candidates.add(A);
        node.puller.topologyChanged();
        node.run();
        node.assertHere(entry);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    /** Lesson 3. */
    @Test
    void resumeHashesAndContinuesTheStagedBytesNeverThePublishedOnes() {
        byte[] before = new byte[3 << 20];
        Arrays.fill(before, (byte) 1);
        byte[] after = before.clone();
        Arrays.fill(after, 0, 100, (byte) 2);
        FileEntry old = node.manifest.register(PATH, before, A);
        node.files.has(old, before);
        node.started();
        node.fetcher.has(A, after);
        node.fetcher.once(A, node.fetcher.breaksAfter(A, 1 << 20, () -> new UnreachableException("gone")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new UnreachableException("gone")));
        FileEntry updated = node.manifest.register(PATH, after, A);
        node.advance(Duration.ofSeconds(1));
        node.assertHere(updated);
        assertThat(node.fetcher.asked).last().isEqualTo(new ScriptedFetcher.Asked(A, updated, 1 << 20));
        assertThat(node.count("resumed_bytes")).isEqualTo(1 << 20);
    }

    /** Lesson 4. */
    @Test
    void aLocalFileOfTheRightSizeIsHashedBeforeItCountsAsPresent() {
        FileEntry entry = node.manifest.register(PATH, NEW, A);
        node.files.write(PATH, new byte[NEW.length]);
        node.fetcher.has(A, NEW);
        node.started();
        assertThat(node.files.verified).contains(entry.version());
        node.assertHere(entry);
    }

    /** Lesson 4: an update of equal size. */
    @Test
    void anUpdateOfEqualSizeIsPulled() {
        FileEntry old = node.manifest.register(PATH, OLD, A);
        node.files.has(old, OLD);
        node.started();
        assertThat(OLD).hasSameSizeAs(NEW);
        node.fetcher.has(A, NEW);
        FileEntry updated = node.manifest.register(PATH, NEW, A);
        node.run();
        node.assertHere(updated);
        assertThat(node.heard).contains("replaced " + old.version() + " by " + updated.version());
    }

    /** Lesson 5. */
    @Test
    void anUpdateWhileTheSamePathIsInFlightSupersedesTheOldContent() {
        node.started();
        node.fetcher.has(A, OLD);
        node.fetcher.has(A, NEW);
        FileEntry[] updated = new FileEntry[1];
        node.fetcher.hook = () -> {
            node.fetcher.hook = () -> {};
            updated[0] = node.manifest.register(PATH, NEW, A);
        };
        node.manifest.register(PATH, OLD, A);
        node.run();
        node.assertHere(updated[0]);
        assertThat(node.files.published).containsExactly(updated[0]);
        assertThat(node.count("superseded")).isEqualTo(1);
        assertThat(node.count("pulled_bytes")).as("the old fetch was cancelled").isEqualTo(NEW.length);
    }

    /** Lesson 6. */
    @Test
    void aDeleteStopsARunningPullBeforeItIsPublished() {
        node.started();
        node.fetcher.has(A, NEW);
        node.files.hook = step -> {
            if (step.equals("publish")) {
                node.manifest.delete(PATH);
            }
        };
        node.manifest.register(PATH, NEW, A);
        node.run();
        node.assertNotHere(PATH);
        assertThat(node.files.stagedVersions()).isEmpty();
        assertThat(node.count("missing")).isZero();
    }

    /** Lesson 6, for a queued pull. */
    @Test
    void aDeleteRemovesAQueuedPull() {
        node.started();
        node.manifest.register(PATH, NEW, A);
        node.manifest.delete(PATH);
        node.advance(Duration.ofMinutes(1));
        assertThat(node.fetcher.asked).isEmpty();
        assertThat(node.count("missing")).isZero();
    }

    /** Lesson 7. */
    @Test
    void aDeferredDeleteLeavesAFileThatWasRegisteredAgainMeanwhile() {
        FileEntry old = node.manifest.register(PATH, OLD, A);
        node.files.has(old, OLD);
        node.started();
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(3));
        node.fetcher.has(A, NEW);
        FileEntry again = node.manifest.register(PATH, NEW, A);
        node.advance(Duration.ofMinutes(1));
        node.assertHere(again);
        assertThat(node.files.removed).isEmpty();
    }

    /** Lesson 7: the same content again, while no peer can send it; the copy here may be the last one. */
    @Test
    void aDeferredDeleteLeavesTheOnlyCopyOfContentThatIsRegisteredAgain() {
        FileEntry old = node.manifest.register(PATH, OLD, A);
        node.files.has(old, OLD);
        node.started();
        node.puller.pause();
        node.manifest.delete(PATH);
        FileEntry again = node.manifest.register(PATH, OLD, A);
        node.advance(Duration.ofMinutes(1));
        node.puller.resume();
        node.run();
        node.assertHere(again);
        assertThat(node.fetcher.asked).isEmpty();
    }

    /** Lesson 9. */
    @Test
    void whatASnapshotBringsIsPulledAndWhatItLacksIsRemoved() {
        FilePath gone = FilePath.of("db/t/gone");
        FileEntry kept = node.manifest.register(PATH, OLD, A);
        FileEntry removed = node.manifest.register(gone, OLD, A);
        node.files.has(kept, OLD);
        node.files.has(removed, OLD);
        node.started();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
        FileEntry brought = FakeManifest.entry(FilePath.of("db/t/brought"), NEW, A, new Lsn(40, 0));
        node.fetcher.has(A, NEW);
        node.manifest.install(50, List.of(kept, brought));
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        node.run();
        node.assertHere(brought);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
        node.advance(Duration.ofSeconds(6));
        node.assertNotHere(gone);
        node.assertHere(kept);
        assertThat(node.heard).containsSubsequence("ready true", "ready false", "ready true");
    }

    /** Lesson 9: a walk that begins before the new manifest can be acted upon must not leave the removals to the next one. */
    @Test
    void whatASnapshotLacksIsRemovedThoughTheWalkWasAskedForBeforeItWasInPlace() {
        FilePath gone = FilePath.of("db/t/gone");
        FileEntry removed = node.manifest.register(gone, OLD, A);
        node.files.has(removed, OLD);
        node.started();
        node.manifest.install(50, List.of());
        node.manifest.unsettle();
        node.run();
        node.assertHere(removed);

        node.manifest.settle(true);
        node.advance(Duration.ofSeconds(8));
        node.assertNotHere(gone);
    }

    /** Lesson 9, for what was known to be missing before and is not in the snapshot. */
    @Test
    void readinessDoesNotWaitForWhatTheSnapshotLacks() {
        node.manifest.register(PATH, OLD, A);
        node.started();
        node.advance(Duration.ofHours(1));
        assertThat(node.count("catch_up_failed")).isEqualTo(1);
        node.manifest.install(50, List.of());
        node.run();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
        assertThat(node.count("missing")).isZero();
    }

    /** Lesson 10. */
    @Test
    void anOriginThatLostItsCopyPullsItFromAPeer() {
        FileEntry entry = node.manifest.register(PATH, NEW, SELF);
        node.fetcher.has(B, NEW);
        node.started();
        node.assertHere(entry);
    }

    /** Lesson 12: what a walk made of an entry is the answer to its own offer, not a difference of counters. */
    @Test
    void anEntryThatFindsNoRoomIsNeverCountedAsEnqueued() {
        OneNode small = new OneNode(settings -> settings.queueSize(1).workers(1));
        try {
            small.started();
            small.puller.pause();
            small.manifest.register(FilePath.of("x"), OLD, A);
            small.manifest.register(FilePath.of("y"), NEW, A);
            assertThat(small.count("enqueued")).isEqualTo(1);
            assertThat(small.count("deferred")).isEqualTo(1);
        } finally {
            small.close();
        }
    }

    /** Lesson 13. */
    @Test
    void aWalkThatBreaksOffIsRepeated() {
        FileEntry entry = node.manifest.register(PATH, NEW, A);
        node.fetcher.has(A, NEW);
        node.files.hook = step -> {
            if (step.equals("presence")) {
                node.files.hook = other -> {};
                throw new IllegalStateException("expected by the test");
            }
        };
        node.started();
        node.advance(Duration.ofSeconds(2));
        node.assertHere(entry);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    /** Lesson 13: an entry that nobody can send is named and, where so set, does not keep the node from being ready. */
    @Test
    void anUnavailableFileKeepsReadinessClosedOnlyWhereThatIsSet() {
        for (boolean blocks : new boolean[] {true, false}) {
            OneNode one = new OneNode(settings -> settings.unavailableBlocksReadiness(blocks));
            try {
                FileEntry entry = one.manifest.register(PATH, NEW, A);
                one.started();
                one.advance(Duration.ofMinutes(2));
                assertThat(one.puller.unavailable(10)).containsExactly(entry.version());
                assertThat(one.count("unavailable")).isEqualTo(1);
                assertThat(one.puller.fullyCaughtUp()).isEqualTo(!blocks);
                one.fetcher.has(B, NEW);
                one.advance(Duration.ofMinutes(15));
                one.assertHere(entry);
                assertThat(one.puller.unavailable(10)).isEmpty();
                assertThat(one.puller.fullyCaughtUp()).isTrue();
            } finally {
                one.close();
            }
        }
    }

    /** Lesson 31: replay announces an old delete before the newer registration; nothing is removed before the barrier. */
    @Test
    void nothingIsRemovedBeforeTheFirstBarrier() {
        FileEntry newest = FakeManifest.entry(PATH, NEW, SELF, new Lsn(9, 0));
        node.files.has(newest, NEW);
        node.manifest.register(PATH, OLD, SELF);
        node.puller.start();
        node.run();
        node.manifest.deleteAt(1, PATH);
        node.advance(Duration.ofHours(1));
        assertThat(node.files.removed).isEmpty();
        node.manifest.registerAt(9, PATH, NEW, SELF);
        node.passBarrier();
        node.advance(Duration.ofHours(1));
        node.assertHere(newest);
        assertThat(node.files.removed).isEmpty();
    }

    /**
     * Lesson 31: the process before was perhaps registering a file anew where it lies, when it ended; the proposal is under way, and
     * nobody here knows of it. The storage is told when that is over.
     */
    @Test
    void theStorageHearsWhatAnEarlierProcessMayHaveLeftAndForHowLong() {
        node.manifest.register(PATH, OLD, SELF);
        node.started();
        assertThat(node.files.barrierIndex).isEqualTo(node.manifest.appliedIndex());
        node.advance(ManifestView.LONGEST_PROPOSAL.minusSeconds(1));
        assertThat(node.files.earlierProposalsOver).isFalse();
        node.advance(Duration.ofSeconds(1));
        assertThat(node.files.earlierProposalsOver)
                .as("what a leader without a majority has in its log is decided by then, but not known here")
                .isFalse();
        node.passBarrier();
        assertThat(node.files.earlierProposalsOver).isTrue();
    }

    /** Lesson 32. */
    @Test
    void aWalkOverAStaleManifestDoesNotReplaceANewerFile() {
        FileEntry newer = FakeManifest.entry(PATH, NEW, A, new Lsn(5, 0));
        node.files.has(newer, NEW);
        node.manifest.register(PATH, OLD, A);
        node.fetcher.has(A, OLD);
        node.puller.start();
        node.advance(Duration.ofSeconds(30));
        assertThat(node.puller.catchUpCompleted()).isTrue();
        node.assertHere(newer);
        assertThat(node.fetcher.asked).isEmpty();
        node.manifest.registerAt(5, PATH, NEW, A);
        node.passBarrier();
        node.advance(Duration.ofMinutes(1));
        node.assertHere(newer);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    /** Lesson 33. */
    @Test
    void recordsYoungerThanTheManifestStopEveryRemovalAndAreReported() {
        FileEntry orphan = FakeManifest.entry(PATH, NEW, A, new Lsn(5_000, 0));
        FileEntry older = FakeManifest.entry(FilePath.of("a/older"), NEW, A, new Lsn(1, 0));
        node.files.has(orphan, NEW);
        node.files.has(older, NEW);
        node.manifest.install(3, List.of());
        node.started();
        node.advance(Duration.ofHours(1));
        node.manifest.register(FilePath.of("other"), OLD, A);
        node.manifest.delete(FilePath.of("other"));
        node.advance(Duration.ofHours(1));
        assertThat(node.files.removed).isEmpty();
        assertThat(node.puller.problem())
                .hasValueSatisfying(text -> assertThat(text).contains("younger", "5000"));
    }

    /** Lesson 33: once the manifest has grown past those records, nothing else would tell that they are not its own. */
    @Test
    void recordsOfAnotherManifestStayUntouchedByLaterProcessesToo() {
        FileEntry orphan = FakeManifest.entry(PATH, NEW, A, new Lsn(5_000, 0));
        node.files.has(orphan, NEW);
        node.manifest.install(3, List.of());
        node.files.failures.put("keepMemo", new StorageException("expected by the test"));
        node.started();
        assertThat(node.puller.problem()).isPresent();
        node.advance(Duration.ofMinutes(11));
        node.manifest.registerAt(6_000, FilePath.of("other"), OLD, A);

        try (OneNode next = node.restarted(settings -> settings)) {
            next.started();
            next.advance(Duration.ofHours(1));
            assertThat(next.files.removed).isEmpty();
            assertThat(next.puller.problem()).isEqualTo(node.puller.problem());
        }
    }

    /** Lesson 37. */
    @Test
    void withoutABarrierReadinessNeverOpens() {
        node.puller.start();
        node.run();
        node.barriers.get(0).completeExceptionally(new IllegalStateException("no leader"));
        node.advance(Duration.ofHours(1));
        assertThat(node.puller.catchUpCompleted()).isTrue();
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        assertThat(node.puller.caughtUpIndex()).isEqualTo(-1);
        node.passBarrier();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    /** Lesson 39: the way the peer answers to a bad local prefix; nobody is blamed. */
    @Test
    void aBadTailOfOurOwnBlamesNobody() {
        byte[] big = new byte[(2 << 20) + 5];
        Arrays.fill(big, (byte) 3);
        FileEntry entry = FakeManifest.entry(PATH, big, A, new Lsn(0, 0));
        byte[] zeros = new byte[1 << 20];
        node.files.stageAs(entry.version(), zeros);
        node.fetcher.has(A, big);
        node.fetcher.once(
                A, ScriptedFetcher.fails(() -> new io.filereplication.fetch.BadOffsetException("another prefix")));
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.asked)
                .containsExactly(new ScriptedFetcher.Asked(A, entry, 1 << 20), new ScriptedFetcher.Asked(A, entry, 0));
        assertThat(node.count("checksum_mismatch")).isZero();
        assertThat(node.count("bad_offset_server")).isEqualTo(1);
        assertThat(node.fetcher.reported).isEmpty();
    }

    /** Lesson 2 and 13: a file that failed stays known, and readiness closed, until it is here. */
    @Test
    void aFailedFileStaysKnownAndIsTriedAgainByItself() {
        FileEntry entry = node.manifest.register(PATH, NEW, A);
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new UnreachableException("down")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new FileNotOnPeerException("not here")));
        node.started();
        node.advance(Duration.ofSeconds(10));
        assertThat(node.count("failed")).isEqualTo(1);
        assertThat(node.count("catch_up_failed")).isEqualTo(1);
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        assertThat(node.count("unavailable")).isZero();
        node.fetcher.has(A, NEW);
        node.fetcher.heal(A);
        node.advance(Duration.ofMinutes(2));
        node.assertHere(entry);
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    /** Lesson 32: the removal came and found nothing while the publication was between its check and its rename. */
    @Test
    void aFileThatWasDeletedWhileItWasBeingRenamedIsRemovedAfterTheGrace() {
        node.fetcher.has(A, NEW);
        node.started();
        node.files.beforeRename = () -> {
            node.manifest.delete(PATH);
            node.advance(Duration.ofSeconds(20));
        };
        node.manifest.register(PATH, NEW, A);
        node.run();
        node.assertStillThere(PATH);
        node.advance(Duration.ofSeconds(20));
        node.assertNotHere(PATH);
    }

    /** The staged bytes of a put may be the only copy there is, so the node that put them publishes them. */
    @Test
    void whatWasPutHereIsPublishedHereWhateverTheFilterWants() {
        node.close();
        node = new OneNode(settings -> settings.filter((path, attributes) -> false));
        node.started();
        node.files.stagePut(PATH, NEW);
        FileEntry own = node.manifest.register(PATH, NEW, SELF);
        node.run();
        node.assertHere(own);
    }

    /** Lesson 10: a disk that cannot read a file any more is rot, too. */
    @Test
    void aFileThatCannotBeReadAnyMoreIsPulledFromAPeer() {
        node.fetcher.has(A, NEW);
        FileEntry entry = FakeManifest.entry(PATH, NEW, SELF, new Lsn(0, 0));
        node.files.has(entry, NEW);
        node.manifest.install(0, List.of(entry));
        node.started();
        node.files.hook = step -> {
            if (step.equals("verify")) {
                node.files.failures.put("verify", new StorageException("Input/output error"));
            }
        };
        node.advance(Duration.ofDays(2));
        assertThat(node.files.published).contains(entry);
        node.assertHere(entry);
    }
}
