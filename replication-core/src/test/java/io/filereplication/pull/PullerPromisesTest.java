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
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sentences of the puller's contract that belong to no lesson. */
class PullerPromisesTest {
    private static final byte[] CONTENT = content("some content");
    private static final byte[] BULK = new byte[(1 << 20) + 1];

    private final OneNode node = new OneNode();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    private PullFailure failure() {
        List<PullFailure> failures = node.puller.failures(2);
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    @Test
    void whatHasFailedIsTriedAgainWithPausesThatGrowUpToTheirCeiling() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.started();
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        Duration longest = Duration.ZERO;
        for (int i = 1; i < 20; i++) {
            Duration pause = failure().untilNextTry();
            assertThat(failure().attempts()).isEqualTo(i);
            assertThat(pause).isBetween(Duration.ofMillis(1), Duration.ofMinutes(10));
            longest = pause.compareTo(longest) > 0 ? pause : longest;
            node.advance(pause);
        }
        assertThat(longest).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(node.count("failed")).isEqualTo(1);
    }

    @Test
    void busyPeersMakeThePausesLongerButNeverLongerThanTheCeiling() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.started();
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        for (int i = 0; i < 20; i++) {
            assertThat(failure().attempts()).isZero();
            assertThat(failure().untilNextTry()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(30));
            node.advance(failure().untilNextTry());
        }
    }

    @Test
    void aPullThatIsResumedAfterFailuresCountsThemNoMore() {
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.once(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.has(A, CONTENT);
        node.started();
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(1));
        assertThat(node.puller.failures(1)).isEmpty();
        assertThat(node.count("failed")).isZero();
    }

    @Test
    void whatEveryMemberHasAnsweredNotFoundForIsNamedUntilSomebodyHasIt() {
        node.started();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(node.puller.unavailable(10)).containsExactly(entry.version());
        assertThat(node.count("unavailable")).isEqualTo(1);
        node.fetcher.has(B, CONTENT);
        node.advance(Duration.ofSeconds(1));
        node.assertHere(entry);
        assertThat(node.puller.unavailable(10)).isEmpty();
    }

    @Test
    void aPeerThatCannotBeReachedMayStillHaveTheFile() {
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.started();
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofMinutes(5));
        assertThat(node.puller.unavailable(10)).isEmpty();
    }

    /** Peers that only doubt their own copies say that they are busy; the good one may be here. */
    @Test
    void aFileThatCouldNotBeReadIsLookedAtAgainAlsoWhilePeersAreBusy() {
        node.fetcher.always(A, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.files.write(PATH, CONTENT);
        node.files.failures.put("verify", new StorageException("expected by the test"));
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.started();
        node.advance(Duration.ofSeconds(5));
        assertThat(node.fetcher.asked).isNotEmpty();
        node.assertHere(entry);
    }

    /** Nothing proves any more what is there, so it must not be taken for here again without another look. */
    @Test
    void aRecordedFileThatCannotBeReadIsPulledFromAPeer() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.files.has(entry, CONTENT);
        node.started();
        node.files.failures.put("verify", new StorageException("expected by the test"));
        node.fetcher.has(B, CONTENT);

        assertThat(node.puller.verifySoon(entry)).isTrue();
        node.run();
        assertThat(node.puller.stats().missing()).isEqualTo(1);

        node.advance(Duration.ofSeconds(5));
        assertThat(node.files.published).contains(entry);
        assertThat(node.puller.stats().missing()).isZero();
    }

    /** Whichever task finds no room: nothing that a worker has taken, and nothing that waits for one, is forgotten. */
    @Test
    void noPullIsForgottenWhenAWorkerFindsNoRoomInTheScheduler() {
        for (int accepted = 0; accepted < 12; accepted++) {
            try (OneNode one = new OneNode(settings -> settings)) {
                one.started();
                one.fetcher.has(A, CONTENT);
                one.fetcher.has(A, BULK);
                one.puller.pause();
                List<FileEntry> entries = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    entries.add(one.manifest.register(FilePath.of("small" + i), CONTENT, A));
                    entries.add(one.manifest.register(FilePath.of("bulk" + i), BULK, A));
                }
                one.run();
                one.scheduler.refuseAfter(accepted);
                one.puller.resume();
                one.advance(Duration.ofSeconds(2));
                entries.forEach(one::assertHere);
            }
        }
    }

    @Test
    void noLaneStopsForEverWhenItFindsNoRoomInTheScheduler() {
        for (int accepted = 0; accepted < 12; accepted++) {
            try (OneNode one = new OneNode(settings -> settings)) {
                one.started();
                one.fetcher.has(A, CONTENT);
                FileEntry entry = one.manifest.register(PATH, CONTENT, A);
                one.run();
                one.scheduler.refuseAfter(accepted);
                one.manifest.delete(PATH);
                one.puller.runCatchUp();
                one.advance(Duration.ofSeconds(10));
                one.assertNotHere(PATH);
                assertThat(one.count("catch_up_walks")).as("after %s", entry).isEqualTo(2);
            }
        }
    }

    @Test
    void nobodyWaitsForEverForAFileWhenTheSchedulerHasNoRoomOnce() {
        for (int accepted = 0; accepted < 12; accepted++) {
            try (OneNode one = new OneNode(settings -> settings)) {
                one.started();
                one.fetcher.has(A, CONTENT);
                CompletableFuture<FileEntry> here = one.puller.awaitLocal(PATH, new Lsn(0, 0));
                FileEntry entry = one.manifest.register(PATH, CONTENT, A);
                one.scheduler.refuseAfter(accepted);
                one.advance(Duration.ofSeconds(2));

                assertThat(here).as("after %s", accepted).isCompletedWithValue(entry);
            }
        }
    }

    @Test
    void aFilterThatFailsWantsEverything() {
        try (OneNode picky = new OneNode(settings -> settings.filter((path, attributes) -> {
            throw new IllegalStateException("expected by the test");
        }))) {
            picky.started();
            picky.fetcher.has(A, CONTENT);
            FileEntry entry = picky.manifest.register(PATH, CONTENT, A);
            picky.run();
            picky.assertHere(entry);
        }
    }

    @Test
    void aPutOfWhatOthersHaveRegisteredAndIsNotWantedHereLeavesNothingBehind() {
        try (OneNode picky = new OneNode(settings -> settings.filter((path, attributes) -> false))) {
            picky.files.stagePut(PATH, CONTENT);
            FileEntry theirs = picky.manifest.register(PATH, CONTENT, A);
            FileEntry own = picky.manifest.register(FilePath.of("own"), CONTENT, SELF);
            picky.files.stagePut(own.path(), CONTENT);
            picky.started();
            picky.advance(Duration.ofMinutes(15));
            assertThat(picky.puller.wants(theirs)).isFalse();
            assertThat(picky.puller.wants(own)).isTrue();
            picky.assertNotHere(PATH);
            picky.assertHere(own);
            assertThat(picky.files.hasPut(PATH, CONTENT)).isFalse();
        }
    }

    /** Nothing will ever replace the own copy, which would show for ever what is no longer registered. */
    @Test
    void anOwnFileThatOthersReplaceByAnUnwantedOneGoesToTheTrash() {
        try (OneNode picky = new OneNode(settings -> settings.filter((path, attributes) -> false))) {
            FileEntry own = FakeManifest.entry(PATH, CONTENT, SELF, new Lsn(0, 0));
            picky.files.has(own, CONTENT);
            picky.manifest.install(0, List.of(own));
            picky.started();
            picky.advance(Duration.ofMinutes(1));
            picky.assertHere(own);
            picky.manifest.register(PATH, content("theirs"), A);
            picky.advance(Duration.ofSeconds(4));
            picky.assertStillThere(PATH);
            picky.advance(Duration.ofSeconds(2));
            picky.assertNotHere(PATH);
            assertThat(picky.files.trash).containsKey(PATH);
            assertThat(picky.heard).contains("before remove " + own.version());
            assertThat(picky.fetcher.asked).isEmpty();
        }
    }

    @Test
    void aWalkFindsAnOwnFileThatWasReplacedByAnUnwantedOneWhileNobodyListened() {
        try (OneNode picky = new OneNode(settings -> settings.filter((path, attributes) -> false))) {
            FileEntry own = FakeManifest.entry(PATH, CONTENT, SELF, new Lsn(0, 0));
            FileEntry theirs = FakeManifest.entry(PATH, content("theirs"), A, new Lsn(3, 0));
            picky.files.has(own, CONTENT);
            picky.manifest.install(3, List.of(theirs));
            picky.puller.start();
            picky.advance(Duration.ofMinutes(1));
            picky.assertStillThere(PATH);
            picky.passBarrier();
            picky.advance(Duration.ofSeconds(6));
            picky.assertNotHere(PATH);
        }
    }

    @Test
    void anOwnFileStaysWhenOthersRegisterItsContentAnewOrItIsPutAgain() {
        try (OneNode picky = new OneNode(settings -> settings.filter((path, attributes) -> false))) {
            FileEntry own = FakeManifest.entry(PATH, CONTENT, SELF, new Lsn(0, 0));
            FileEntry sameAgain = FakeManifest.entry(PATH, CONTENT, A, new Lsn(3, 0));
            picky.files.has(own, CONTENT);
            picky.manifest.install(3, List.of(sameAgain));
            picky.started();
            picky.advance(Duration.ofMinutes(1));
            picky.assertStillThere(PATH);

            picky.manifest.register(PATH, content("theirs"), A);
            picky.advance(Duration.ofSeconds(3));
            picky.files.stagePut(PATH, content("mine again"));
            FileEntry mine = picky.manifest.register(PATH, content("mine again"), SELF);
            picky.advance(Duration.ofMinutes(1));
            picky.assertHere(mine);
        }
    }
}
