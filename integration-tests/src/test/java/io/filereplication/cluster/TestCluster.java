package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Sha256;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * A cluster of nodes in this JVM, each with a storage root and a Raft directory of its own below one temporary directory,
 * which can be stopped, wiped and started again. However a test went, {@link #assertConverged} makes the same final checks.
 */
final class TestCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final byte[] SECRET =
            "the secret that all nodes of the test cluster share".getBytes(StandardCharsets.UTF_8);

    private final Path directory;
    private final List<RaftPeer> peers = new ArrayList<>();
    private final Map<Integer, FileReplicationNode> running = new TreeMap<>();
    private final Map<Integer, Consumer<FileReplicationNode.Builder>> customized = new HashMap<>();
    private RaftGroup group;

    TestCluster(Path directory, int nodes) {
        this.directory = directory;
        for (int i = 1; i <= nodes; i++) {
            peers.add(newPeer("n" + i));
        }
        group = RaftGroup.valueOf(RaftGroupId.randomId(), peers);
    }

    /** Lets the others believe, from the first start on, that node {@code number} serves files at {@code address}. */
    TestCluster advertise(int number, String address) {
        List<RaftPeer> advertised = new ArrayList<>(group.getPeers());
        RaftPeer peer = peers.get(number - 1);
        advertised.removeIf(other -> other.getId().equals(peer.getId()));
        advertised.add(RaftPeer.newBuilder(peer).setDataStreamAddress(address).build());
        group = RaftGroup.valueOf(group.getGroupId(), advertised);
        return this;
    }

    /** The secret of every node that is not given another one. */
    static ClusterSecrets secrets() {
        return ClusterSecrets.of("test", SECRET);
    }

    /** Where node {@code number} itself listens. */
    RaftPeer peer(int number) {
        return peers.get(number - 1);
    }

    static RaftPeer newPeer(String id) {
        return RaftPeer.newBuilder()
                .setId(id)
                .setAddress("127.0.0.1:" + FreePorts.next())
                .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
                .build();
    }

    /** Changes how node {@code number} is built, from its next start on. */
    TestCluster customize(int number, Consumer<FileReplicationNode.Builder> change) {
        customized.put(number, change);
        return this;
    }

    /** Starts all nodes. */
    TestCluster start() throws IOException {
        for (int i = 1; i <= peers.size(); i++) {
            start(i);
        }
        return this;
    }

    FileReplicationNode start(int number) throws IOException {
        FileReplicationNode.Builder builder = FileReplicationNode.newBuilder()
                .setPeer(peers.get(number - 1))
                .setGroup(group)
                .setStorageRoot(storageRoot(number))
                .setRaftDirectory(raftDirectory(number))
                .setSecrets(secrets())
                .setProperties(properties());
        customized.getOrDefault(number, unchanged -> {}).accept(builder);
        FileReplicationNode node = builder.build();
        running.put(number, node);
        node.start();
        return node;
    }

    /** Starts one more node, which knows nothing but the group's id, and has the others take it in. */
    int join() throws IOException {
        int number = peers.size() + 1;
        peers.add(newPeer("n" + number));
        RaftGroup unknown = RaftGroup.valueOf(group.getGroupId());
        customize(number, builder -> builder.setGroup(unknown));
        start(number);
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(properties())
                .build()) {
            assertThat(client.admin().setConfiguration(peers).isSuccess()).isTrue();
        }
        return number;
    }

    static RaftProperties properties() {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        // Small segments, since only a closed one can be purged.
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("4KB"));
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, 0);
        return properties;
    }

    void stop(int number) {
        FileReplicationNode node = running.remove(number);
        if (node != null) {
            node.close();
        }
    }

    FileReplicationNode node(int number) {
        FileReplicationNode node = running.get(number);
        if (node == null) {
            throw new IllegalStateException("Node " + number + " is not running");
        }
        return node;
    }

    RaftGroup group() {
        return group;
    }

    Path storageRoot(int number) {
        return directory.resolve("n" + number + "/files");
    }

    Path raftDirectory(int number) {
        return directory.resolve("n" + number + "/raft");
    }

    /** Puts {@code content} on node {@code number}. */
    FileEntry put(int number, String path, byte[] content) throws Exception {
        Path source = Files.createTempFile(directory, "put", ".bytes");
        Files.write(source, content);
        return node(number).files().put(FilePath.of(path), source, Attributes.NONE);
    }

    /** Empties a directory of a stopped node. */
    static void wipe(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes node {@code number} write a snapshot of what it has applied and purge its log up to there. While one is being written
     * the answer is an index of -1.
     */
    void snapshot(int number) throws IOException {
        RaftPeer peer = peers.get(number - 1);
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(properties())
                .build()) {
            await("a snapshot on node " + number)
                    .atMost(PATIENCE)
                    .until(() -> client.getSnapshotManagementApi(peer.getId())
                                    .create(1, PATIENCE.toMillis())
                                    .getLogIndex()
                            > 0);
        }
    }

    /** Waits until node {@code number} says that it has everything. */
    void awaitCaughtUp(int number) {
        await("node " + number + " is fully caught up")
                .atMost(PATIENCE)
                .until(() -> node(number).fullyCaughtUp());
    }

    /**
     * The final checks: every running node comes to hold the same manifest and, on its disk, exactly the manifest's files,
     * with the manifest's digests, and nothing staged.
     */
    void assertConverged(Map<String, byte[]> expected) {
        running.keySet()
                .forEach(number -> await("node " + number + " converges")
                        .atMost(PATIENCE)
                        .untilAsserted(() -> {
                            assertThat(manifest(number)).isEqualTo(digests(expected));
                            assertThat(filesOnDisk(number)).isEqualTo(digests(expected));
                            assertThat(node(number).fullyCaughtUp()).isTrue();
                        }));
        running.keySet().forEach(number -> {
            assertThat(children(storageRoot(number).resolve(".filereplication/staged")))
                    .isEmpty();
            assertThat(children(storageRoot(number).resolve(".filereplication/puts")))
                    .isEmpty();
        });
    }

    private static Map<String, String> digests(Map<String, byte[]> expected) {
        Map<String, String> digests = new TreeMap<>();
        expected.forEach((path, content) -> digests.put(path, sha256(content)));
        return digests;
    }

    private Map<String, String> manifest(int number) {
        Map<String, String> digests = new TreeMap<>();
        for (FileEntry entry : node(number).manifest().page(null, 100_000)) {
            digests.put(entry.path().value(), entry.sha256().hex());
        }
        return digests;
    }

    /** What a reader finds below the storage root: path and digest of each file that is not our own. */
    Map<String, String> filesOnDisk(int number) {
        Path root = storageRoot(number);
        Map<String, String> digests = new TreeMap<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return directory.equals(root.resolve(".filereplication"))
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    digests.put(root.relativize(file).toString(), sha256(Files.readAllBytes(file)));
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            throw new AssertionError("A file went while node " + number + " was looked at", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha256(byte[] content) {
        MessageDigest digest = Sha256.newDigest();
        return Sha256.of(digest.digest(content)).hex();
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
