package io.filereplication.benchmark;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.pull.FileEvents;
import io.filereplication.storage.LocalRecord;
import io.filereplication.wire.ClusterSecrets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.TimeDuration;

/**
 * A node in a process of its own: {@code NodeMain DIRECTORY SECRET SELF PEER...}, a peer being {@code id,raft-port,stream-port}.
 *
 * <p>Reads one command a line from standard input, until that ends, and answers each with a line:
 *
 * <pre>
 *   leader                 whether this node leads: true or false
 *   put PATH FILE          "ok" when FILE is registered and published here
 *   registered             nanoseconds at which the manifest here had the first registration since the last question
 *   published COUNT        waits until COUNT files have been published here since the last question; the nanoseconds then
 *   direct                 most bytes of direct memory since the last question
 * </pre>
 *
 * <p>Nanoseconds are {@link System#nanoTime()}, which on Linux is one clock for all processes.
 */
final class NodeMain {
    private static final int PATIENCE_SECONDS = 300;

    private final FileReplicationNode node;
    private final RaftGroupId group;
    private final Published published;
    private final DirectMemory memory;
    private final AtomicLong registeredNanos = new AtomicLong();

    private NodeMain(FileReplicationNode node, RaftGroupId group, Published published, DirectMemory memory) {
        this.node = node;
        this.group = group;
        this.published = published;
        this.memory = memory;
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Path directory = Path.of(args[0]);
        List<RaftPeer> peers = new ArrayList<>();
        for (String peer : List.of(args).subList(3, args.length)) {
            peers.add(peer(peer));
        }
        RaftGroupId group = RaftGroupId.valueOf(new UUID(7, 7));
        Published published = new Published();
        try (DirectMemory memory = new DirectMemory();
                FileReplicationNode node = FileReplicationNode.newBuilder()
                        .setPeer(peers.get(Integer.parseInt(args[2])))
                        .setGroup(RaftGroup.valueOf(group, peers))
                        .setStorageRoot(directory.resolve("files"))
                        .setRaftDirectory(directory.resolve("raft"))
                        .setSecrets(ClusterSecrets.fromFile(Path.of(args[1])))
                        .setProperties(properties())
                        .setEvents(published)
                        .build()) {
            NodeMain main = new NodeMain(node, group, published, memory);
            main.listen();
            node.start();
            main.serve(answers);
        }
        System.exit(0);
    }

    private static RaftPeer peer(String text) {
        String[] parts = text.split(",", -1);
        return RaftPeer.newBuilder()
                .setId(parts[0])
                .setAddress("127.0.0.1:" + parts[1])
                .setDataStreamAddress("127.0.0.1:" + parts[2])
                .build();
    }

    private static RaftProperties properties() {
        RaftProperties properties = new RaftProperties();
        // Both ends and what they are compared with share the processors.
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(4, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                properties, TimeDuration.valueOf(300, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                properties, TimeDuration.valueOf(900, TimeUnit.MILLISECONDS));
        return properties;
    }

    private void listen() {
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

    private void serve(PrintStream answers) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String answer;
            try {
                answer = answer(line.split(" ", -1));
            } catch (Exception e) {
                answer = "failed " + e;
            }
            answers.println(answer);
            answers.flush();
        }
    }

    private String answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "leader" ->
                Boolean.toString(node.server().getDivision(group).getInfo().isLeaderReady());
            case "put" -> {
                put(List.of(words).subList(1, words.length));
                yield "ok";
            }
            case "registered" -> Long.toString(registeredNanos.getAndSet(0));
            case "published" -> Long.toString(published.await(Integer.parseInt(words[1])));
            case "direct" -> Long.toString(memory.takePeak());
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    /** Path and source in turn. */
    private void put(List<String> pairs) throws Exception {
        List<CompletableFuture<FileEntry>> puts = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            puts.add(node.files().putAsync(FilePath.of(pairs.get(i)), Path.of(pairs.get(i + 1)), Attributes.NONE));
        }
        for (CompletableFuture<FileEntry> put : puts) {
            FileVersion unused = put.get(PATIENCE_SECONDS, TimeUnit.SECONDS).version();
        }
    }

    /** Counts what is published here. */
    private static final class Published implements FileEvents {
        private int count;
        private long lastNanos;

        @Override
        public void onPublished(FileEntry entry) {
            one();
        }

        @Override
        public void onReplaced(LocalRecord before, FileEntry entry) {
            one();
        }

        private synchronized void one() {
            count++;
            lastNanos = System.nanoTime();
            notifyAll();
        }

        synchronized long await(int wanted) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (count < wanted) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    throw new IllegalStateException("Only " + count + " of " + wanted + " files were published");
                }
                wait(left);
            }
            count -= wanted;
            return lastNanos;
        }
    }
}
