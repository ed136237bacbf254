package io.filereplication.benchmark;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.manifest.BatchResult;
import io.filereplication.manifest.Operation;
import io.filereplication.plugin.FileReplicationNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link NodeMain} does for the benchmark:
 *
 * <pre>
 *   leader                 whether this node leads: true or false
 *   put PATH FILE ...      "ok" when every FILE is registered and published here
 *   submit PATH FILE       the same for one; the nanoseconds at which the put was begun
 *   register PREFIX        "ok" when every file that lies below PREFIX is registered
 *   delete PREFIX          "ok" when every registered file below PREFIX is deleted from the manifest
 *   registered             nanoseconds at which the manifest here had the first registration since the last question
 *   published COUNT        waits until COUNT files have been published here since the last question; the nanoseconds then
 *   forget                 counts published files from zero again
 *   pause, resume          pulling; nanoseconds
 *   members PEER ...       has the group consist of these; the nanoseconds before
 *   commits RATE, end      begins commits, ends them: milliseconds p50, p99 and maximum, and how many
 *   memory                 most bytes of direct memory and of heap since the last question
 * </pre>
 *
 * <p>Nanoseconds are {@link System#nanoTime()}, which on Linux is one clock for all processes.
 */
final class NodeCommands {
    private static final int PATIENCE_SECONDS = 300;
    /** Registrations under way at once; the node itself takes more. */
    private static final int REGISTRATIONS = 4_096;

    private static final int PAGE = 1_000;

    private final FileReplicationNode node;
    private final Path storageRoot;
    private final PublishedFiles published;
    private final MemoryPeaks memory;
    private final AtomicLong registeredNanos = new AtomicLong();
    private @Nullable CommitProbe commits;

    NodeCommands(FileReplicationNode node, Path storageRoot, PublishedFiles published, MemoryPeaks memory) {
        this.node = node;
        this.storageRoot = storageRoot;
        this.published = published;
        this.memory = memory;
        node.manifest().addListener(new ManifestListener() {
            @Override
            public void registered(FileEntry entry) {
                registeredNanos.compareAndSet(0, System.nanoTime());
            }

            @Override
            public void deleted(FileEntry entry, Lsn at) {}

            @Override
            public void replaced(ManifestDifference difference) {}
        });
    }

    String answer(List<String> words) throws Exception {
        List<String> arguments = words.subList(1, words.size());
        return switch (words.get(0)) {
            case "leader" -> Boolean.toString(isLeader());
            case "put" -> put(arguments);
            case "submit" -> submit(arguments.get(0), Path.of(arguments.get(1)));
            case "register" -> register(arguments.get(0));
            case "delete" -> delete(arguments.get(0));
            case "registered" -> Long.toString(registeredNanos.getAndSet(0));
            case "published" -> Long.toString(published.awaitNanos(Integer.parseInt(arguments.get(0))));
            case "forget" -> {
                published.forget();
                yield "ok";
            }
            case "pause" -> {
                node.puller().pause();
                yield "ok";
            }
            case "resume" -> {
                long now = System.nanoTime();
                node.puller().resume();
                yield Long.toString(now);
            }
            case "members" -> members(arguments);
            case "commits" -> commits(arguments.get(0));
            case "memory" -> memory.take().toString();
            default -> throw new IllegalArgumentException(words.get(0));
        };
    }

    /** Not yet, while it waits to be added to the group. */
    private boolean isLeader() throws IOException {
        return node.server().getDivision(NodeMain.GROUP).getInfo().isLeaderReady();
    }

    /** Path and source in turn. */
    private String put(List<String> pairs) throws Exception {
        List<CompletableFuture<FileEntry>> puts = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            puts.add(node.files().putAsync(FilePath.of(pairs.get(i)), Path.of(pairs.get(i + 1)), Attributes.NONE));
        }
        for (CompletableFuture<FileEntry> put : puts) {
            FileVersion unused = put.get(PATIENCE_SECONDS, TimeUnit.SECONDS).version();
        }
        return "ok";
    }

    private String submit(String path, Path source) throws Exception {
        long now = System.nanoTime();
        FileEntry unused = node.files().put(FilePath.of(path), source, Attributes.NONE);
        return Long.toString(now);
    }

    private String register(String prefix) throws Exception {
        List<FilePath> paths = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(storageRoot.resolve(prefix))) {
            tree.filter(Files::isRegularFile)
                    .forEach(file ->
                            paths.add(FilePath.of(storageRoot.relativize(file).toString())));
        }
        Semaphore room = new Semaphore(REGISTRATIONS);
        List<CompletableFuture<FileEntry>> registrations = new ArrayList<>(paths.size());
        for (FilePath path : paths) {
            room.acquire();
            registrations.add(
                    node.files().registerAsync(path, Attributes.NONE).whenComplete((entry, failure) -> room.release()));
        }
        for (CompletableFuture<FileEntry> registration : registrations) {
            FileVersion unused =
                    registration.get(PATIENCE_SECONDS, TimeUnit.SECONDS).version();
        }
        return settle();
    }

    /** Waits until this node has nothing to do about what is registered. */
    private String settle() throws InterruptedException, TimeoutException {
        // What found no room in the queue is found by a walk, which would come by itself, but up to half a minute
        // later.
        node.puller().runCatchUp();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (node.caughtUpIndex() < node.manifest().appliedIndex()) {
            if (System.nanoTime() > until) {
                throw new TimeoutException("This node is not caught up with its own files");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return "ok";
    }

    private String delete(String prefix) throws Exception {
        for (List<FileEntry> page = page(prefix, null);
                !page.isEmpty();
                page = page(prefix, page.get(page.size() - 1).path())) {
            List<Operation> deletes = page.stream()
                    .map(entry -> Operation.delete(entry.path(), "benchmark"))
                    .toList();
            BatchResult unused = node.files().batch(deletes).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        return "ok";
    }

    private List<FileEntry> page(String prefix, @Nullable FilePath after) {
        return node.files().list(prefix + "/", after, PAGE);
    }

    private String members(List<String> peers) throws IOException {
        List<RaftPeer> members = peers.stream().map(NodeMain::peer).toList();
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(node.server().getDivision(NodeMain.GROUP).getGroup())
                .setProperties(NodeMain.properties())
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        100, TimeDuration.valueOf(100, TimeUnit.MILLISECONDS)))
                .build()) {
            long now = System.nanoTime();
            var reply = client.admin().setConfiguration(members);
            if (!reply.isSuccess()) {
                throw new IOException("The members were not changed", reply.getException());
            }
            return Long.toString(now);
        }
    }

    private String commits(String rateOrEnd) throws InterruptedException {
        CommitProbe running = commits;
        if (running == null) {
            commits = new CommitProbe(node.files(), Integer.parseInt(rateOrEnd));
            return "ok";
        }
        commits = null;
        return running.end().toString();
    }
}
