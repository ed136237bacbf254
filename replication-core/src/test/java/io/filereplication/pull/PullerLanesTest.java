package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Small files and bulk do not wait for each other. */
class PullerLanesTest {
    private static final int WORKERS = 2;
    private static final int BULK = (1 << 20) + 1;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final OneNode node = new OneNode(settings -> settings.workers(WORKERS));
    private final Map<FileEntry, byte[]> contents = new HashMap<>();
    private final List<FileEntry> bulk = new ArrayList<>();
    private final List<FileEntry> small = new ArrayList<>();
    private int atOnce;
    private int mostAtOnce;

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    private FileEntry register(List<FileEntry> kind, int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) (contents.size() + 1));
        FilePath path = FilePath.of("f" + contents.size());
        FileEntry entry = FakeManifest.entry(path, content, A, new Lsn(node.manifest.appliedIndex() + 1, 0));
        contents.put(entry, content);
        kind.add(node.manifest.register(path, content, A));
        return entry;
    }

    /** Everybody who is asked takes {@code LONG} for files of a kind; others go on meanwhile. */
    private void isSlowWith(List<FileEntry> kind) {
        node.fetcher.always(A, item -> {
            atOnce++;
            mostAtOnce = Math.max(mostAtOnce, atOnce);
            if (kind.contains(item.entry())) {
                node.scheduler.sleep(LONG);
            }
            atOnce--;
            return send(item);
        });
    }

    private FetchOutcome send(FetchItem item) throws StorageException {
        byte[] content = contents.getOrDefault(item.entry(), new byte[0]);
        item.hasher().update(ByteBuffer.wrap(content));
        item.destination().append(ByteBuffer.wrap(content));
        return new FetchOutcome.Received(content.length);
    }

    private void after(long nanos, Runnable check) {
        node.scheduler.schedule(Duration.ofNanos(nanos), check);
    }

    @Test
    void aSmallFileIsHereLongBeforeTheBulkThatEveryWorkerIsBusyWith() {
        node.started();
        isSlowWith(bulk);
        for (int i = 0; i < 2 * WORKERS; i++) {
            register(bulk, BULK);
        }
        register(small, 1);
        boolean[] looked = {false};
        after(LONG.toNanos() / 2, () -> {
            small.forEach(node::assertHere);
            bulk.forEach(entry -> node.assertNotHere(entry.path()));
            register(small, 2);
            looked[0] = true;
        });
        after(LONG.toNanos() * 3 / 4, () -> small.forEach(node::assertHere));
        node.run();
        node.advance(LONG.multipliedBy(5));
        assertThat(looked[0]).isTrue();
        bulk.forEach(node::assertHere);
    }

    @Test
    void bulkBeginsWhileEveryWorkerIsBusyWithSmallFiles() {
        node.started();
        isSlowWith(small);
        node.puller.pause();
        for (int i = 0; i < 40; i++) {
            register(small, 1);
        }
        node.puller.resume();
        after(LONG.toNanos() / 2, () -> register(bulk, BULK));
        after(LONG.toNanos() * 3 / 4, () -> bulk.forEach(node::assertHere));
        node.run();
        node.advance(LONG.multipliedBy(50));
        small.forEach(node::assertHere);
        bulk.forEach(node::assertHere);
    }

    /** Each kind has a queue of its own. */
    @Test
    void aSmallFileFindsRoomHoweverMuchBulkWaits() {
        OneNode narrow = new OneNode(settings -> settings.workers(WORKERS).queueSize(4));
        try {
            narrow.started();
            narrow.puller.pause();
            for (int i = 0; i < 20; i++) {
                narrow.manifest.register(FilePath.of("bulk" + i), new byte[BULK + i], A);
            }
            long deferred = narrow.count("deferred");
            narrow.manifest.register(FilePath.of("small"), new byte[1], A);
            assertThat(deferred).isEqualTo(16);
            assertThat(narrow.count("deferred")).isEqualTo(deferred);
        } finally {
            narrow.close();
        }
    }

    /** Wherever they are in the order of paths. */
    @Test
    void aWalkBringsSmallFilesWhileBulkWaitsForRoom() {
        OneNode narrow = new OneNode(settings -> settings.workers(WORKERS).queueSize(4));
        try {
            narrow.fetcher.always(A, item -> {
                if (item.entry().sizeBytes() > 1) {
                    narrow.scheduler.sleep(LONG);
                }
                byte[] content = new byte[(int) item.entry().sizeBytes()];
                item.hasher().update(ByteBuffer.wrap(content));
                item.destination().append(ByteBuffer.wrap(content));
                return new FetchOutcome.Received(content.length);
            });
            List<FileEntry> smallOnes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                narrow.manifest.register(FilePath.of("a" + i), new byte[BULK], A);
                smallOnes.add(narrow.manifest.register(FilePath.of("b" + i), new byte[1], A));
            }
            narrow.started();
            narrow.scheduler.schedule(LONG.dividedBy(2), () -> smallOnes.forEach(narrow::assertHere));
            narrow.advance(LONG.multipliedBy(12));
            assertThat(narrow.puller.stats().missing()).isZero();
        } finally {
            narrow.close();
        }
    }

    @Test
    void oneKindAloneNeverHasMoreWorkersThanTheSettingSays() {
        node.started();
        isSlowWith(bulk);
        for (int i = 0; i < 5 * WORKERS; i++) {
            register(bulk, BULK);
        }
        node.run();
        node.advance(LONG.multipliedBy(20));
        bulk.forEach(node::assertHere);
        assertThat(mostAtOnce).isEqualTo(WORKERS);
    }

    @Test
    void bothKindsTogetherHaveOneMore() {
        node.started();
        List<FileEntry> all = new ArrayList<>();
        isSlowWith(all);
        for (int i = 0; i < 5 * WORKERS; i++) {
            all.add(register(bulk, BULK));
            all.add(register(small, 1));
        }
        node.run();
        node.advance(LONG.multipliedBy(60));
        small.forEach(node::assertHere);
        bulk.forEach(node::assertHere);
        assertThat(mostAtOnce).isEqualTo(WORKERS + 1);
    }
}
