package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.B;
import static io.filereplication.pull.OneNode.PATH;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.fetch.UnreachableException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator does to a puller while it runs. */
class PullerOperatingTest {
    private static final byte[] CONTENT = content("some content");

    private final OneNode node = new OneNode();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    @Test
    void whilePausedNoPullBeginsAndNothingCountsAsAnAttempt() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.puller.pause();
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofHours(1));
        assertThat(node.fetcher.asked).isEmpty();
        assertThat(node.puller.failures(10)).isEmpty();
        assertThat(node.count("failed")).isZero();
        assertThat(node.count("missing")).isEqualTo(1);
        assertThat(node.puller.stats().paused()).isTrue();
        assertThat(node.puller.caughtUpIndex()).isLessThan(entry.contentLsn().index());
        assertThat(node.puller.fullyCaughtUp())
                .as("pulls of the steady state close nothing")
                .isTrue();

        node.puller.resume();
        node.run();
        node.assertHere(entry);
        assertThat(node.puller.stats().paused()).isFalse();
    }

    @Test
    void pausingBeforeTheFirstWalkKeepsTheNodeFromBeingCaughtUp() {
        node.fetcher.has(A, CONTENT);
        node.manifest.register(PATH, CONTENT, A);
        node.puller.pause();
        node.started();
        node.advance(Duration.ofHours(1));
        assertThat(node.puller.fullyCaughtUp()).isFalse();
        node.puller.resume();
        node.run();
        assertThat(node.puller.fullyCaughtUp()).isTrue();
    }

    @Test
    void aRetryThatBecomesDueWhilePausedIsMadeAfterwards() {
        node.started();
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.once(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.has(A, CONTENT);
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.puller.pause();
        node.advance(Duration.ofMinutes(5));
        assertThat(node.fetcher.asked).hasSize(2);
        node.puller.resume();
        node.run();
        node.assertHere(entry);
    }

    @Test
    void deletesGoOnWhilePaused() {
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.files.has(entry, CONTENT);
        node.started();
        node.puller.pause();
        node.manifest.delete(PATH);
        node.advance(Duration.ofSeconds(6));
        node.assertNotHere(PATH);
    }

    @Test
    void whatIsInFlightWhenPausedIsPublished() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.fetcher.hook = node.puller::pause;
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.assertHere(entry);
    }

    @Test
    void drainingAnIdlePullerPausesIt() throws InterruptedException {
        node.started();
        assertThat(node.puller.drain(Duration.ZERO)).isTrue();
        assertThat(node.puller.stats().paused()).isTrue();
    }

    @Test
    void drainingIsBounded() {
        node.started();
        node.fetcher.has(A, CONTENT);
        boolean[] drained = {true};
        node.fetcher.hook = () -> {
            try {
                drained[0] = node.puller.drain(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(drained[0])
                .as("the pull that runs cannot end before this hook")
                .isFalse();
        node.assertHere(entry);
        assertThat(node.puller.stats().paused()).isTrue();
    }

    @Test
    void failuresNameTheFileWhyAndWhenItIsTriedAgain() {
        node.started();
        node.fetcher.always(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        FileEntry entry = node.manifest.register(PATH, CONTENT, A);
        node.run();

        List<PullFailure> failures = node.puller.failures(10);
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).version()).isEqualTo(entry.version());
        assertThat(failures.get(0).attempts()).isEqualTo(1);
        assertThat(failures.get(0).lastReason()).isEqualTo("no peer sent it (a: file_not_on_peer, b: unreachable)");
        assertThat(failures.get(0).untilNextTry()).isBetween(Duration.ofMillis(250), Duration.ofMillis(500));

        node.advance(Duration.ofMinutes(2));
        assertThat(node.puller.failures(10).get(0).attempts()).isGreaterThanOrEqualTo(3);
        assertThat(node.puller.failures(0)).isEmpty();
        node.fetcher.has(A, CONTENT);
        node.puller.topologyChanged();
        node.run();
        assertThat(node.puller.failures(10)).isEmpty();
    }

    @Test
    void asManyFailuresAsAskedForAreListedTheOldestFirst() {
        node.started();
        node.candidates.clear();
        for (int i = 0; i < 20; i++) {
            node.manifest.register(FilePath.of("f" + i), CONTENT, A);
            node.advance(Duration.ofSeconds(1));
        }
        assertThat(node.puller.failures(5))
                .extracting(failure -> failure.version().path().value())
                .containsExactly("f0", "f1", "f2", "f3", "f4");
    }

    @Test
    void aFullStorageIsShown() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.files.full = true;
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(node.puller.stats().storageFull()).isTrue();
        assertThat(node.puller.failures(1).get(0).lastReason()).isEqualTo("the storage is full");
        node.files.full = false;
        node.advance(Duration.ofMinutes(1));
        assertThat(node.puller.stats().storageFull()).isFalse();
    }
}
