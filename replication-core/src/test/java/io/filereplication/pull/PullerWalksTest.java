package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the puller walks by itself over what memory had no room for. Time stands still unless a test moves it. */
class PullerWalksTest {
    private static final byte[] CONTENT = content("some content");
    /** At least what lies between a deferral and its walk. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final OneNode node =
            new OneNode(settings -> settings.queueSize(8).waitingSize(2).workers(1));
    private final List<FileEntry> registered = new ArrayList<>();

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    private void register(int files) {
        for (int i = 0; i < files; i++) {
            registered.add(node.manifest.register(FilePath.of("f" + registered.size()), CONTENT, A));
        }
    }

    @Test
    void aBurstLargerThanTheQueueIsPulledAfterAPauseThatDoesNotGrow() {
        node.fetcher.has(A, CONTENT);
        node.started();
        for (int burst = 0; burst < 10; burst++) {
            node.puller.pause();
            register(50);
            node.puller.resume();
            node.advance(PAUSE);
            registered.forEach(node::assertHere);
        }
        assertThat(node.count("deferred")).isEqualTo(10 * 42);
    }

    /** What a walk would bring has nowhere to go, however much is deferred. */
    @Test
    void whilePullingIsPausedNoWalkFollowsAnother() {
        node.fetcher.has(A, CONTENT);
        node.started();
        node.puller.pause();
        register(9);
        node.advance(PAUSE);
        long begun = node.puller.stats().catchUp().startedAtMillis();
        for (int i = 0; i < 200; i++) {
            register(1);
            node.advance(PAUSE);
        }
        assertThat(node.puller.stats().catchUp().startedAtMillis()).isEqualTo(begun);
        node.puller.resume();
        node.advance(PAUSE);
        registered.forEach(node::assertHere);
    }

    /** The removal comes back by itself. */
    @Test
    void aRemovalThatIsPutOffTakesNoWalk() {
        node.fetcher.has(A, CONTENT);
        node.started();
        register(1);
        node.run();
        long walks = node.count("catch_up_walks");
        node.files.postponesRemovals = true;
        FilePath path = registered.get(0).path();
        node.manifest.delete(path);
        node.advance(Duration.ofMinutes(2));
        assertThat(node.count("catch_up_walks")).isEqualTo(walks);
        registered.forEach(node::assertHere);

        node.files.postponesRemovals = false;
        node.advance(Duration.ofSeconds(10));
        node.assertNotHere(path);
        assertThat(node.count("catch_up_walks")).isEqualTo(walks);
    }

    @Test
    void whatIsDeferredWhileAWalkRunsIsFoundByTheNext() {
        node.fetcher.has(A, CONTENT);
        node.fetcher.hook = () -> register(registered.size() < 500 ? 20 : 0);
        node.started();
        register(20);
        node.advance(Duration.ofMinutes(1));
        assertThat(registered).hasSizeGreaterThanOrEqualTo(500);
        registered.forEach(node::assertHere);
        assertThat(node.count("deferred")).isPositive();
        assertThat(node.puller.caughtUpIndex()).isEqualTo(node.manifest.appliedIndex());
    }

    /** What a snapshot brings is walked for as soon as it is in place, whatever is put off because it was tried in vain. */
    @Test
    void theWalkAfterASnapshotWaitsForTheManifestOnly() {
        node.started();
        register(20);
        node.advance(Duration.ofMinutes(5));
        node.fetcher.has(A, CONTENT);
        FileEntry inSnapshot = FakeManifest.entry(FilePath.of("in/snapshot"), CONTENT, A, new Lsn(90, 0));
        node.manifest.install(100, List.of(inSnapshot));
        node.manifest.unsettle();
        node.advance(Duration.ofMillis(50));
        node.manifest.settle(true);
        node.advance(Duration.ofMillis(200));

        node.assertHere(inSnapshot);
    }

    @Test
    void whatNobodyHasAndFindsNoRoomToWaitIsTriedEverMoreSeldom() {
        node.started();
        register(20);
        node.advance(Duration.ofMinutes(5));
        assertThat(node.count("catch_up_walks")).isLessThan(30);
        node.fetcher.has(A, CONTENT);
        node.advance(Duration.ofMinutes(30));
        registered.forEach(node::assertHere);
    }
}
