package io.filereplication.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.storage.LocalRecord;
import io.filereplication.time.ManualScheduler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One puller with everything around it in memory and in the test's hands. */
final class OneNode implements AutoCloseable {
    static final NodeId SELF = NodeId.of("self");
    static final NodeId A = NodeId.of("a");
    static final NodeId B = NodeId.of("b");
    static final FilePath PATH = FilePath.of("db/t/file.parquet");

    final ManualScheduler scheduler = new ManualScheduler();
    final FakeManifest manifest = new FakeManifest();
    final MemoryFiles files;
    final ScriptedFetcher fetcher = new ScriptedFetcher();
    final Set<NodeId> members = new LinkedHashSet<>(List.of(SELF, A, B));
    final List<NodeId> candidates = new ArrayList<>(List.of(A, B));
    final List<CompletableFuture<Long>> barriers = new ArrayList<>();
    final List<String> heard = new ArrayList<>();
    /** When set, thrown whenever the members are asked for. */
    @Nullable
    RuntimeException membersFailure;

    /** The wall clock when this process began. */
    long begunMillis = 1_700_000_000_000L;

    final Puller puller;

    OneNode() {
        this(settings -> settings);
    }

    OneNode(UnaryOperator<PullerConfig.Builder> settings) {
        this(settings, new MemoryFiles());
    }

    /** The next process on a disk that was used before. */
    OneNode(UnaryOperator<PullerConfig.Builder> settings, MemoryFiles disk) {
        files = disk;
        PullerConfig config =
                settings.apply(PullerConfig.defaults().selfNodeId(SELF)).build();
        puller = new Puller(
                config,
                manifest,
                files,
                new PullerPeers(fetcher, (origin, path) -> List.copyOf(candidates), this::members),
                new PullerHost(this::barrier, new Ears(), scheduler, this::wallClock, new Random(7)));
        manifest.listener(puller);
    }

    private Instant wallClock() {
        return Instant.ofEpochMilli(begunMillis + scheduler.nanoTime() / 1_000_000);
    }

    /** Ends this process; the next one finds the disk, and what the log says by then. */
    OneNode restarted(UnaryOperator<PullerConfig.Builder> settings) {
        close();
        OneNode next = new OneNode(settings, files);
        next.begunMillis = wallClock().toEpochMilli();
        next.manifest.install(manifest.appliedIndex(), manifest.all());
        return next;
    }

    private Set<NodeId> members() {
        if (membersFailure != null) {
            throw membersFailure;
        }
        return members;
    }

    private CompletableFuture<Long> barrier() {
        CompletableFuture<Long> pass = new CompletableFuture<>();
        barriers.add(pass);
        return pass;
    }

    /** A node that has passed the barrier and walked. */
    OneNode started() {
        puller.start();
        scheduler.runAll();
        passBarrier();
        return this;
    }

    void passBarrier() {
        List.copyOf(barriers).forEach(pass -> pass.complete(manifest.appliedIndex()));
        scheduler.runAll();
    }

    void run() {
        scheduler.runAll();
    }

    void advance(Duration duration) {
        scheduler.advance(duration);
    }

    long count(String name) {
        Long value = puller.stats().toMap().get(name);
        assertThat(value).as(name).isNotNull();
        return value;
    }

    static byte[] content(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void assertHere(FileEntry entry) {
        assertThat(files.records(entry.version())).as("record of %s", entry).isTrue();
        byte[] bytes = files.read(entry.path());
        assertThat(bytes).as("bytes of %s", entry).isNotNull();
        assertThat(FakeManifest.digest(bytes)).isEqualTo(entry.sha256());
    }

    void assertStillThere(FilePath path) {
        assertThat(files.read(path)).as("bytes at %s", path).isNotNull();
    }

    void assertNotHere(FilePath path) {
        assertThat(files.read(path)).as("bytes at %s", path).isNull();
    }

    @Override
    public void close() {
        puller.close();
        puller.close();
        assertThat(files.open).as("staged files left open").isEmpty();
    }

    private final class Ears implements FileEvents {
        @Override
        public void onPublished(FileEntry entry) {
            heard.add("published " + entry.version());
        }

        @Override
        public void onReplaced(LocalRecord before, FileEntry entry) {
            heard.add("replaced " + before.version() + " by " + entry.version());
        }

        @Override
        public void beforeRemove(LocalRecord record) {
            heard.add("before remove " + record.version());
        }

        @Override
        public void onReadinessChanged(boolean ready) {
            heard.add("ready " + ready);
        }
    }
}
