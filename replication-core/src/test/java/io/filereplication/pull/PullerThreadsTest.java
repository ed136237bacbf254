package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.PATH;
import static io.filereplication.pull.OneNode.SELF;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.time.ThreadScheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A puller on real threads: what one thread over virtual time cannot show. */
@Timeout(60)
class PullerThreadsTest {
    /** A peer that never answers, until it is interrupted or cancelled. */
    private static final class StuckFetcher implements Fetcher {
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
            asked.countDown();
            try {
                new CountDownLatch(1).await();
                throw new AssertionError("a latch that nobody counts down");
            } finally {
                ended.countDown();
            }
        }

        @Override
        public void reportMismatch(NodeId peer, FileEntry entry) {}

        @Override
        public void close() {}
    }

    /** A peer that answers when it may. */
    private static final class SlowFetcher implements Fetcher {
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch mayAnswer = new CountDownLatch(1);

        @Override
        public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
            asked.countDown();
            mayAnswer.await();
            return items.stream()
                    .<FetchOutcome>map(item -> new FetchOutcome.Failed(new UnreachableException("too slow"), 0))
                    .toList();
        }

        @Override
        public void reportMismatch(NodeId peer, FileEntry entry) {}

        @Override
        public void close() {}
    }

    private final ThreadScheduler scheduler = new ThreadScheduler("puller-threads", 8);
    private final FakeManifest manifest = new FakeManifest();
    private final StuckFetcher fetcher = new StuckFetcher();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Puller puller = new Puller(
            PullerConfig.defaults().selfNodeId(SELF).build(),
            manifest,
            new MemoryFiles(),
            new PullerPeers(fetcher, (origin, path) -> List.of(A), () -> Set.of(SELF, A)),
            new PullerHost(
                    () -> CompletableFuture.completedFuture(0L),
                    new FileEvents() {
                        @Override
                        public void onReadinessChanged(boolean isReady) {
                            ready.countDown();
                        }
                    },
                    scheduler,
                    InstantSource.system(),
                    new Random(3)));

    @AfterEach
    void close() {
        puller.close();
        scheduler.close();
    }

    /** Lesson 18: a fetch ends when the puller closes, not at its timeout, and the apply thread is never held up. */
    @Test
    void closingEndsAStuckFetchAtOnceWhileTheApplyThreadGoesOn() throws InterruptedException {
        manifest.listener(puller);
        puller.start();
        ready.await();
        manifest.register(PATH, content("x"), A);
        fetcher.asked.await();
        Thread apply = new Thread(() -> {
            for (int i = 0; i < 20_000; i++) {
                manifest.register(PATH, content("x" + i), A);
                manifest.delete(PATH);
            }
        });
        apply.start();
        puller.close();
        assertThat(fetcher.ended.getCount()).isZero();
        apply.join();
    }

    @Test
    void drainingWaitsForWhatIsInFlight() throws Exception {
        SlowFetcher slow = new SlowFetcher();
        FakeManifest news = new FakeManifest();
        CountDownLatch caughtUp = new CountDownLatch(1);
        FileEvents events = new FileEvents() {
            @Override
            public void onReadinessChanged(boolean isReady) {
                caughtUp.countDown();
            }
        };
        try (Puller other = new Puller(
                PullerConfig.defaults().selfNodeId(SELF).build(),
                news,
                new MemoryFiles(),
                new PullerPeers(slow, (origin, path) -> List.of(A), () -> Set.of(SELF, A)),
                new PullerHost(
                        () -> CompletableFuture.completedFuture(0L),
                        events,
                        scheduler,
                        InstantSource.system(),
                        new Random(3)))) {
            news.listener(other);
            other.start();
            caughtUp.await();
            news.register(PATH, content("x"), A);
            slow.asked.await();
            assertThat(other.drain(Duration.ofMillis(20))).isFalse();
            slow.mayAnswer.countDown();
            assertThat(other.drain(Duration.ofSeconds(50))).isTrue();
            assertThat(other.stats().inFlight()).isZero();
            assertThat(other.stats().missing()).isEqualTo(1);
        }
    }
}
