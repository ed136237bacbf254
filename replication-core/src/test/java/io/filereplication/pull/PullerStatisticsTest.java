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
import io.filereplication.NodeId;
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator sees of a puller: how long, how much, from whom, and how far behind. Lesson 28. */
class PullerStatisticsTest {
    private static final byte[] CONTENT = content("some content");

    private final List<String> told = new ArrayList<>();
    private final PullTimings timings = new PullTimings() {
        @Override
        public void waitedInQueue(Duration took) {
            told.add("queue " + took.toSeconds());
        }

        @Override
        public void fetched(NodeId peer, int files, long bytes, Duration took) {
            told.add("fetch " + peer + " " + files + " " + bytes + " " + took.toSeconds());
        }

        @Override
        public void verified(long bytes, Duration took) {
            told.add("verify " + bytes);
        }

        @Override
        public void published(long bytes, Duration took) {
            told.add("publish " + bytes + " " + took.toSeconds());
        }

        @Override
        public void registeredToPublished(Duration took) {
            told.add("registered " + took.toSeconds());
        }
    };

    private final OneNode node = new OneNode(settings -> settings.timings(timings));

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    @Test
    void everyStepOfAPullIsTimed() {
        node.started();
        node.puller.pause();
        node.fetcher.has(A, CONTENT);
        node.fetcher.hook = () -> node.advance(Duration.ofSeconds(3));
        node.files.hook = step -> {
            if (step.equals("publish")) {
                node.advance(Duration.ofSeconds(4));
            }
        };
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(2));
        node.puller.resume();
        node.run();
        assertThat(told)
                .containsExactly(
                        "queue 2",
                        "fetch a 1 " + CONTENT.length + " 3",
                        "publish " + CONTENT.length + " 4",
                        "registered 9");
    }

    @Test
    void theWaitOfALaterAttemptDoesNotContainThePauseBeforeIt() {
        node.started();
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.once(B, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.has(A, CONTENT);
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(5));
        assertThat(told).filteredOn(step -> step.startsWith("queue")).containsExactly("queue 0", "queue 0");
    }

    @Test
    void whatLiesHereAndIsHashedIsTimedAsVerifying() {
        byte[] big = new byte[(1 << 20) + 1];
        FileEntry staged = FakeManifest.entry(PATH, big, A, new Lsn(0, 0));
        FileEntry unknown = FakeManifest.entry(FilePath.of("unknown"), CONTENT, A, new Lsn(1, 0));
        node.files.stageAs(staged.version(), Arrays.copyOf(big, 1 << 20));
        node.files.write(unknown.path(), CONTENT);
        node.fetcher.has(A, big);
        node.manifest.install(1, List.of(staged, unknown));
        node.started();
        assertThat(told)
                .filteredOn(step -> step.startsWith("verify"))
                .containsExactlyInAnyOrder("verify " + (1 << 20), "verify " + CONTENT.length);
    }

    @Test
    void onlyWhatWasHeardOfIsTimedFromItsRegistration() {
        FileEntry walked = FakeManifest.entry(PATH, CONTENT, A, new Lsn(0, 0));
        node.fetcher.has(A, CONTENT);
        node.manifest.install(0, List.of(walked));
        node.started();
        node.assertHere(walked);
        assertThat(told).noneMatch(step -> step.startsWith("registered"));
    }

    @Test
    void timingsThatThrowChangeNothing() {
        PullTimings broken = new PullTimings() {
            @Override
            public void waitedInQueue(Duration took) {
                throw new IllegalStateException("expected by the test");
            }

            @Override
            public void published(long bytes, Duration took) {
                throw new IllegalStateException("expected by the test");
            }
        };
        try (OneNode other = new OneNode(settings -> settings.timings(broken))) {
            other.started();
            other.fetcher.has(A, CONTENT);
            FileEntry entry = other.manifest.register(PATH, CONTENT, A);
            other.run();
            other.assertHere(entry);
            assertThat(other.fetcher.asked).hasSize(1);
        }
    }

    @Test
    void lagIsTheBytesThatAreMissingAndTheAgeOfTheOldest() {
        node.started();
        node.candidates.clear();
        assertThat(node.count("oldest_missing_age_ms")).isZero();
        node.manifest.register(PATH, CONTENT, A);
        node.advance(Duration.ofSeconds(10));
        FilePath second = FilePath.of("second");
        node.manifest.register(second, content("two"), A);
        node.advance(Duration.ofSeconds(5));
        assertThat(node.count("missing_bytes")).isEqualTo(CONTENT.length + 3);
        assertThat(node.count("oldest_missing_age_ms")).isEqualTo(15_000);
        node.manifest.delete(PATH);
        assertThat(node.count("missing_bytes")).isEqualTo(3);
        assertThat(node.count("oldest_missing_age_ms")).isEqualTo(5_000);
        node.manifest.delete(second);
        assertThat(node.count("missing_bytes")).isZero();
        assertThat(node.count("oldest_missing_age_ms")).isZero();
    }

    @Test
    void whatFoundNoRoomAgesUntilAWalkHasFoundIt() {
        try (OneNode small = new OneNode(settings -> settings.queueSize(1))) {
            small.started();
            small.puller.pause();
            FileEntry first = small.manifest.register(PATH, CONTENT, A);
            small.manifest.register(FilePath.of("no room"), CONTENT, A);
            small.manifest.delete(first.path());
            small.manifest.register(FilePath.of("later"), CONTENT, A);
            small.advance(Duration.ofSeconds(20));
            assertThat(small.count("missing")).isEqualTo(1);
            assertThat(small.count("oldest_missing_age_ms")).isEqualTo(20_000);
            small.fetcher.has(A, CONTENT);
            small.puller.resume();
            small.advance(Duration.ofMinutes(1));
            assertThat(small.count("oldest_missing_age_ms")).isZero();
        }
    }

    @Test
    void bytesAreCountedWhileTheyCome() {
        byte[] big = new byte[2 << 20];
        List<Long> seen = new ArrayList<>();
        node.fetcher.once(A, item -> {
            for (int i = 0; i < 2; i++) {
                append(item, new byte[1 << 20]);
                seen.add(node.count("pulled_bytes"));
            }
            return new FetchOutcome.Received(big.length);
        });
        node.started();
        FileEntry entry = node.manifest.register(PATH, big, A);
        node.run();
        node.assertHere(entry);
        assertThat(seen).containsExactly(1L << 20, 2L << 20);
        assertThat(node.count("pulled_bytes")).isEqualTo(big.length);
    }

    private static void append(FetchItem item, byte[] bytes) throws StorageException {
        item.destination().append(ByteBuffer.wrap(bytes));
        item.hasher().update(ByteBuffer.wrap(bytes));
    }

    @Test
    void everyPeerIsCountedByItself() {
        node.started();
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new UnreachableException("x")));
        node.fetcher.has(B, CONTENT);
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        node.fetcher.once(A, ScriptedFetcher.fails(() -> new BusyException("x")));
        node.manifest.register(FilePath.of("second"), CONTENT, A);
        node.run();
        node.fetcher.once(A, ScriptedFetcher.sendsWrongBytes());
        node.manifest.register(FilePath.of("third"), CONTENT, A);
        node.run();

        PeerPullStats a = node.puller.stats().peers().get(A);
        PeerPullStats b = node.puller.stats().peers().get(B);
        assertThat(a.files()).isZero();
        assertThat(a.failures())
                .containsEntry(PeerFailure.UNREACHABLE, 1L)
                .containsEntry(PeerFailure.BUSY, 1L)
                .containsEntry(PeerFailure.CHECKSUM_MISMATCH, 1L)
                .containsEntry(PeerFailure.FILE_NOT_ON_PEER, 0L)
                .hasSize(PeerFailure.values().length);
        assertThat(b.files()).isEqualTo(2);
        assertThat(b.bytes()).isEqualTo(2L * CONTENT.length);
        assertThat(node.count("unreachable")).isEqualTo(1);
    }

    @Test
    void whoIsNoMemberAnyMoreIsNotCountedAnyMore() {
        node.started();
        node.fetcher.has(A, CONTENT);
        node.manifest.register(PATH, CONTENT, A);
        node.run();
        assertThat(node.puller.stats().peers()).containsOnlyKeys(A);
        node.members.remove(A);
        node.puller.topologyChanged();
        node.run();
        assertThat(node.puller.stats().peers()).isEmpty();
    }

    @Test
    void onesOwnPutsAreCountedApart() {
        node.started();
        node.files.stagePut(PATH, CONTENT);
        node.manifest.register(PATH, CONTENT, SELF);
        node.run();
        assertThat(node.count("published_local")).isEqualTo(1);
        assertThat(node.count("pulled")).isZero();
        assertThat(told).noneMatch(step -> step.startsWith("registered"));

        FileEntry lost = node.manifest.register(FilePath.of("lost here"), content("lost"), SELF);
        node.fetcher.has(A, content("lost"));
        node.run();
        node.assertHere(lost);
        assertThat(node.count("published_local")).isEqualTo(1);
        assertThat(node.count("pulled")).isEqualTo(1);
    }
}
