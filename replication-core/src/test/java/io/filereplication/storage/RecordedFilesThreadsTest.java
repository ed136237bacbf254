package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Local files as many threads use them at once: what was said to be durable is, and an interrupt says nothing about a file. */
final class RecordedFilesThreadsTest {
    private static final int THREADS = 8;
    private static final int FILES_EACH = 25;

    private final Fixture fixture = new Fixture();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @TempDir
    Path root;

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private static byte[] content(int thread, int file) {
        return bytes(10 + file, 100 * thread + file);
    }

    /** In directories that threads share, so that they make and fsync them at once. */
    private static FileEntry entryOf(int thread, int file) {
        return entry("d" + file % 3 + "/e" + file % 2 + "/f" + thread + "-" + file, content(thread, file), 1);
    }

    /** Every thread publishes its own files, until the storage is gone; {@code published} gets those that were. */
    private void publishAll(LocalFiles files, ConcurrentLinkedQueue<FileEntry> published) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            running.add(threads.submit(() -> {
                for (int file = 0; file < FILES_EACH; file++) {
                    FileEntry entry = entryOf(thread, file);
                    fixture.manifest.register(entry);
                    assertThat(fixture.publish(files, entry, content(thread, file)))
                            .isEqualTo(new Publication.Published(null));
                    published.add(entry);
                }
                return null;
            }));
        }
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(SimulatedCrash.class);
            }
        }
    }

    /** Lesson 11, with threads that share the fsync of the log: the power fails while all of them publish. */
    @ParameterizedTest
    @ValueSource(longs = {40, 200, 777, 1_500, Long.MAX_VALUE})
    void whatAnyThreadPublishedSurvivesTheLossOfPower(long step) throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        storage.crashAtStep(step);
        ConcurrentLinkedQueue<FileEntry> published = new ConcurrentLinkedQueue<>();

        publishAll(files, published);

        MemoryStorage found = storage.crash();
        LocalFiles again = fixture.open(found);
        assertThat(published)
                .allSatisfy(entry -> assertThat(again.presence(entry)).isEqualTo(Presence.HERE));
        assertThat(published.size()).isLessThanOrEqualTo(THREADS * FILES_EACH);
        if (step == Long.MAX_VALUE) {
            assertThat(published).hasSize(THREADS * FILES_EACH);
        }
        again.close();
        found.assertNothingOpen();
    }

    @Test
    void manyThreadsPublishToARealDisk() throws Exception {
        ConcurrentLinkedQueue<FileEntry> published = new ConcurrentLinkedQueue<>();
        try (LocalFiles files = fixture.open(LocalStorage.open(root))) {
            publishAll(files, published);
        }

        try (LocalFiles again = fixture.open(LocalStorage.open(root))) {
            assertThat(published)
                    .hasSize(THREADS * FILES_EACH)
                    .allSatisfy(entry -> assertThat(again.presence(entry)).isEqualTo(Presence.HERE));
        }
    }

    /** Lesson 32: of many versions of one path, published at once, the manifest's stays, and it is published once. */
    @Test
    void ofManyVersionsOfOnePathTheRegisteredOneStays() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        fixture.manifest.register(entry("shared", content(0, THREADS), THREADS));
        List<Future<Publication>> running = new ArrayList<>();
        for (int i = 1; i <= THREADS; i++) {
            int version = i;
            running.add(threads.submit(() -> {
                byte[] content = content(0, version);
                FileEntry entry = entry("shared", content, version);
                StagedFile staged = files.stage(entry);
                staged.append(ByteBuffer.wrap(content));
                return files.publish(staged, digests(content), entry, fixture.manifest);
            }));
        }
        List<Publication> outcomes = new ArrayList<>();
        for (Future<Publication> one : running) {
            outcomes.add(one.get());
        }

        assertThat(outcomes.subList(0, THREADS - 1)).containsOnly(new Publication.Superseded());
        assertThat(outcomes.get(THREADS - 1)).isEqualTo(new Publication.Published(null));
        assertThat(storage.published().get(FilePath.of("shared"))).isEqualTo(content(0, THREADS));
        files.close();
        storage.assertNothingOpen();
    }

    /** What is published together is not begun any more, and stays staged for the next start. */
    @Test
    void anInterruptBeforePublishingKeepsEveryStagedFile() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        List<LocalFiles.Whole> whole = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            FileEntry entry = entryOf(0, file);
            fixture.manifest.register(entry);
            whole.add(staged(files, entry, content(0, file)));
        }

        Thread.currentThread().interrupt();
        List<LocalFiles.Outcome> outcomes = files.publishAll(whole, fixture.manifest);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcomes).hasSize(3).containsOnly(new LocalFiles.Outcome.NotBegun());
        assertThat(storage.published()).isEmpty();
        for (LocalFiles.Whole file : whole) {
            try (StagedFile again = files.stage(file.entry())) {
                assertThat(again.length()).isEqualTo(file.entry().sizeBytes());
            }
        }
        files.close();
        storage.assertNothingOpen();
    }

    /** They would wait for each other for ever. */
    @Test
    void twoVersionsOfOnePathAreNotPublishedTogether() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        List<LocalFiles.Whole> whole = List.of(
                staged(files, entry("a", content(0, 1), 1), content(0, 1)),
                staged(files, entry("a", content(0, 2), 2), content(0, 2)));

        assertThatThrownBy(() -> files.publishAll(whole, fixture.manifest))
                .isInstanceOf(IllegalArgumentException.class);

        files.close();
        storage.assertNothingOpen();
    }

    private static LocalFiles.Whole staged(LocalFiles files, FileEntry entry, byte[] content) throws StorageException {
        StagedFile staged = files.stage(entry);
        staged.append(ByteBuffer.wrap(content));
        return new LocalFiles.Whole(staged, digests(content), entry);
    }

    /** Somebody who closes the node interrupts its threads: a healthy file must not be pulled anew for that. */
    @Test
    void anInterruptWhileAFileIsHashedIsNotAnUnreadableFile() throws Exception {
        byte[] large = bytes(2 * PrefixDigests.CHUNK_BYTES, 1);
        FileEntry entry = entry("a", large, 1);
        try (LocalFiles files = fixture.open(LocalStorage.open(root))) {
            fixture.pull(files, entry, large);

            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> files.verify(entry, 0)).isInstanceOf(InterruptedException.class);

            assertThat(Thread.interrupted()).isFalse();
            assertThat(files.records(entry.version())).isTrue();
            assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
        }
    }
}
