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
import io.filereplication.fetch.NotInManifestException;
import io.filereplication.fetch.UnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Liveness: those of docs/failures.md that live in the puller, by number. */
class PullerLivenessLessonsTest {
    private static final byte[] CONTENT = content("some content");

    private final OneNode node = new OneNode();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    /** Lesson 14. */
    @Test
    void aCorruptOriginIsAskedLastFromThenOn() {
        node.fetcher.always(A, ScriptedFetcher.sendsWrongBytes());
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(1));
        assertThat(node.fetcher.askedPeers()).startsWith(A, B);
        node.fetcher.has(B, CONTENT);
        node.advance(Duration.ofMinutes(1));
        node.assertHere(entry);
    }

    /** Lesson 15. */
    @Test
    void aFileDeletedDuringCatchUpDoesNotKeepReadinessClosed() {
        node.manifest.register(PATH, CONTENT, A);
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new NotInManifestException("deleted")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new NotInManifestException("deleted")));
        node.started();
        node.advance(Duration.ofSeconds(20));
        assertThat(node.count("failed")).isZero();
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        node.manifest.delete(PATH);
        node.run();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
        assertThat(node.count("missing")).isZero();
    }

    /** Lesson 16: across attempts and peers. */
    @Test
    void everyAttemptContinuesWhereTheLastOneStopped() {
        byte[] big = new byte[(5 << 20) + 1];
        Arrays.fill(big, (byte) 9);
        node.fetcher.has(A, big);
        node.fetcher.has(B, big);
        for (int i = 0; i < 2; i++) {
            node.fetcher.once(A, node.fetcher.breaksAfter(A, 1 << 20, () -> new UnreachableException("reset")));
            node.fetcher.once(B, node.fetcher.breaksAfter(B, 1 << 20, () -> new UnreachableException("reset")));
        }
        node.started();
        FileEntry entry = node.manifest.register(PATH, big, A);
        node.advance(Duration.ofSeconds(5));
        node.assertHere(entry);
        assertThat(node.fetcher.asked.stream().map(ScriptedFetcher.Asked::offset))
                .containsExactly(0L, 1L << 20, 2L << 20, 3L << 20, 4L << 20);
        assertThat(node.count("pulled_bytes")).isEqualTo(big.length);
    }

    /** Lesson 16: across a restart, cut to whole chunks. */
    @Test
    void aRestartContinuesStagedBytesAtTheLastWholeChunk() {
        byte[] big = new byte[3 << 20];
        Arrays.fill(big, (byte) 9);
        FileEntry entry = FakeManifest.entry(PATH, big, A, new Lsn(0, 0));
        node.files.stageAs(entry.version(), Arrays.copyOf(big, (2 << 20) + 77));
        node.fetcher.has(A, big);
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.asked).containsExactly(new ScriptedFetcher.Asked(A, entry, 2 << 20));
        assertThat(node.count("resumed")).isEqualTo(1);
    }

    /** Lesson 16: a whole staged file needs no peer. */
    @Test
    void aCompleteStagedFileIsPublishedWithoutAFetch() {
        FileEntry entry = FakeManifest.entry(PATH, CONTENT, A, new Lsn(0, 0));
        node.files.stageAs(entry.version(), CONTENT);
        node.candidates.clear();
        node.manifest.install(0, List.of(entry));
        node.started();
        node.assertHere(entry);
        assertThat(node.fetcher.asked).isEmpty();
    }

    /** Lesson 17. */
    @Test
    void whatFoundNoRoomInTheQueueIsFoundByAWalkWithoutARestart() {
        OneNode small = new OneNode(settings -> settings.queueSize(2).workers(1));
        try {
            small.started();
            small.fetcher.has(A, CONTENT);
            small.puller.pause();
            List<FileEntry> entries = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                entries.add(small.manifest.register(FilePath.of("f" + i), CONTENT, A));
            }
            assertThat(small.count("deferred")).isEqualTo(18);
            assertThat(small.puller.caughtUpIndex()).isLessThan(1);
            small.puller.resume();
            small.advance(Duration.ofSeconds(5));
            entries.forEach(small::assertHere);
            assertThat(small.puller.caughtUpIndex()).isEqualTo(small.manifest.appliedIndex());
        } finally {
            small.close();
        }
    }

    /** Lesson 19: what is deleted while its pull waits for the next attempt leaves no staged bytes behind. */
    @Test
    void stagedBytesOfADeletedFileGoWithoutAWalk() {
        node.started();
        node.candidates.clear();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.files.stageAs(entry.version(), new byte[1]);
        node.run();
        assertThat(node.files.stagedVersions()).containsExactly(entry.version());
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(6));
        assertThat(node.files.stagedVersions()).isEmpty();
    }

    /** Lesson 19: the removals that a restart forgot. */
    @Test
    void aWalkFindsDeletesOfAnEarlierProcessAndAbandonedStagedFiles() {
        FileEntry deleted = FakeManifest.entry(PATH, CONTENT, A, new Lsn(2, 0));
        FileEntry abandoned = FakeManifest.entry(FilePath.of("x"), CONTENT, A, new Lsn(3, 0));
        node.files.has(deleted, CONTENT);
        node.files.stageAs(abandoned.version(), CONTENT);
        node.manifest.install(9, List.of());
        node.started();
        assertThat(node.files.stagedVersions()).isEmpty();
        node.assertStillThere(PATH);
        node.advance(Duration.ofSeconds(6));
        node.assertNotHere(PATH);
        assertThat(node.heard).contains("before remove " + deleted.version());
    }

    /** Lesson 20. */
    @Test
    void emptyFilesReplicate() {
        node.candidates.clear();
        node.started();
        FileEntry entry = node.manifest.register(PATH, new byte[0], A);
        node.run();
        node.assertHere(entry);
    }

    /** Lesson 21. */
    @Test
    void badFilesDoNotHoldTheWorkersWhileTheyWaitForTheirRetry() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new UnreachableException("down")));
        node.fetcher.has(B, CONTENT);
        node.started();
        for (int i = 0; i < 8; i++) {
            node.manifest.register(FilePath.of("bad" + i), content("nobody has " + i), A);
        }
        node.run();
        FileEntry good = node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.assertHere(good);
        assertThat(node.count("in_flight")).isZero();
        assertThat(node.count("missing")).isEqualTo(8);
    }

    /** Lesson 21: pauses differ. */
    @Test
    void pausesDoubleUpToTheirCeilingAndJitter() {
        Backoff backoff = new Backoff(new java.util.Random(1));
        Duration initial = Duration.ofMillis(500);
        Duration ceiling = Duration.ofSeconds(30);
        List<Duration> seen = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            long full = Math.min(500L << Math.min(step, 20), 30_000);
            Duration pause = backoff.pause(initial, ceiling, step);
            assertThat(pause).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
            seen.add(pause);
        }
        assertThat(seen).doesNotHaveDuplicates();
    }

    /** Lesson 34: what a put staged here is published by its registration, without a fetch. */
    @Test
    void aPutIsPublishedFromItsStagedBytesWhenItsRegistrationIsApplied() {
        node.candidates.clear();
        node.started();
        node.files.stagePut(PATH, CONTENT);
        node.assertNotHere(PATH);
        FileEntry entry = node.manifest.register(PATH, CONTENT, SELF);
        node.run();
        node.assertHere(entry);
        assertThat(node.heard).contains("published " + entry.version());
        assertThat(node.count("pulled_bytes")).isZero();
    }

    /** Lesson 31 and the replay rule: a file that was registered and deleted later is never fetched. */
    @Test
    void replayedEntriesAreNotPulledOneByOne() {
        node.puller.start();
        node.run();
        node.fetcher.has(A, CONTENT);
        node.manifest.register(PATH, CONTENT, A);
        node.manifest.delete(PATH);
        FileEntry kept = node.manifest.register(FilePath.of("kept"), CONTENT, A);
        node.run();
        assertThat(node.fetcher.asked).isEmpty();
        node.passBarrier();
        node.assertHere(kept);
        assertThat(node.fetcher.asked).hasSize(1);
    }

    /** Lesson 19: a walk that waits for room must not keep the one that finds removals from beginning. */
    @Test
    void aStorageThatIsFullBeforeTheBarrierIsFreedByTheRemovalsBehindIt() {
        try (OneNode small = new OneNode(settings -> settings.queueSize(2).bulkShare(0.5))) {
            List<FileEntry> registered = new ArrayList<>();
            for (int i = 1; i < 6; i++) {
                FilePath path = FilePath.of("new" + i);
                registered.add(FakeManifest.entry(path, CONTENT, A, new Lsn(i, 0)));
            }
            small.fetcher.has(A, CONTENT);
            small.files.has(FakeManifest.entry(PATH, CONTENT, A, new Lsn(0, 0)), CONTENT);
            small.manifest.install(9, registered);
            small.files.full = true;
            small.puller.start();
            small.advance(Duration.ofSeconds(30));
            small.passBarrier();
            small.advance(Duration.ofMinutes(1));
            small.assertNotHere(PATH);
            registered.forEach(small::assertHere);
        }
    }

    /** The same for what only a walk frees: trash that has been kept long enough, staged bytes of nobody. */
    @Test
    void whileTheStorageIsFullEveryWalkLooksForWhatCanBeDropped() {
        try (OneNode small = new OneNode(settings -> settings.queueSize(2))) {
            List<String> steps = new ArrayList<>();
            small.files.hook = steps::add;
            small.files.full = true;
            for (int i = 0; i < 6; i++) {
                small.manifest.register(FilePath.of("new" + i), CONTENT, A);
            }
            small.started();
            steps.clear();
            small.advance(Duration.ofMinutes(11));
            assertThat(steps).contains("dropStaged");
        }
    }

    /** Lesson 2: a node that joins knows nobody at first, and nobody may tell it when it does. */
    @Test
    void membersThatBecomeKnownWithoutAWordAreAskedSoon() {
        node.members.clear();
        node.candidates.clear();
        node.fetcher.has(A, CONTENT);
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofMinutes(5));
        node.members.addAll(List.of(SELF, A));
        node.candidates.add(A);
        node.advance(Duration.ofMillis(501));
        node.assertHere(entry);
    }

    /** Lesson 2: the pauses of what found nobody to ask have grown long by then. */
    @Test
    void aChangeOfTheMembersWakesWhatWaits() {
        node.candidates.clear();
        node.fetcher.has(A, CONTENT);
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofMinutes(5));
        node.candidates.add(A);
        node.puller.topologyChanged();
        node.run();
        node.assertHere(entry);
    }

    /** Lesson 2: between looking for peers and waiting for them. */
    @Test
    void aChangeOfTheMembersDuringAnAttemptIsNotMissed() {
        node.candidates.clear();
        node.fetcher.has(A, CONTENT);
        node.started();
        node.files.hook = step -> {
            if (step.equals("presence") && node.candidates.isEmpty()) {
                node.candidates.add(A);
                node.puller.topologyChanged();
                node.run();
            }
        };
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.assertHere(entry);
    }

    @Test
    void nobodyLooksForMembersWhileNothingWaits() {
        node.members.clear();
        node.candidates.clear();
        node.started();
        int timers = node.scheduler.timers();
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(30));
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(10));
        assertThat(node.scheduler.timers()).isEqualTo(timers);
    }

    @Test
    void aMembershipThatFailsLeavesNoPullBehind() {
        node.started();
        node.membersFailure = new IllegalStateException("expected by the test");
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(node.count("in_flight")).isZero();
        node.fetcher.has(A, CONTENT);
        node.advance(Duration.ofSeconds(1));
        node.assertHere(entry);
    }

    @Test
    void aDoubtedFileThatFindsNoRoomIsHashedLater() {
        try (OneNode small = new OneNode(settings -> settings.queueSize(1))) {
            FileEntry doubted = small.manifest.register(PATH, CONTENT, A);
            small.files.has(doubted, CONTENT);
            small.started();
            small.puller.pause();
            small.fetcher.has(A, content("other"));
            small.manifest.register(FilePath.of("fills the queue"), content("other"), A);
            small.files.suspect(doubted.version());
            small.puller.verifySoon(doubted);
            small.advance(Duration.ofSeconds(10));
            assertThat(small.files.verified).isEmpty();
            assertThat(small.count("deferred")).isEqualTo(1);
            small.puller.resume();
            small.advance(Duration.ofSeconds(31));
            assertThat(small.files.verified).containsExactly(doubted.version());
            small.assertHere(doubted);
        }
    }

    @Test
    void aWalkGoesOnWhenWhatItWaitsBehindIsFoundHere() {
        try (OneNode small = new OneNode(settings -> settings.queueSize(1))) {
            small.puller.pause();
            FileEntry first = small.manifest.register(FilePath.of("1"), CONTENT, A);
            small.manifest.register(FilePath.of("2"), CONTENT, A);
            small.started();
            assertThat(small.count("catch_up_entries_walked")).isEqualTo(1);
            small.files.has(first, CONTENT);
            small.puller.enqueue(first);
            small.run();
            assertThat(small.count("catch_up_entries_walked")).isEqualTo(2);
        }
    }

    @Test
    void aFileThatDoesNotFitDoesNotKeepOthersFromComing() {
        try (OneNode one = new OneNode(settings -> settings.workers(1))) {
            one.started();
            one.fetcher.has(A, CONTENT);
            one.files.room = 2 << 20;
            one.manifest.register(FilePath.of("large"), new byte[3 << 20], A);
            FileEntry small = one.manifest.register(PATH, CONTENT, A);
            one.advance(Duration.ofMinutes(2));
            one.assertHere(small);
        }
    }
}
