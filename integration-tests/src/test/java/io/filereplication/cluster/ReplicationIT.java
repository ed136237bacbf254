package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import io.filereplication.wire.ClusterSecrets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole flow on three real nodes in one JVM: Raft over gRPC, bytes over the data stream, files on disk. */
class ReplicationIT {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final Random random = new Random(7);
    private final Map<String, byte[]> expected = new TreeMap<>();
    private TestCluster cluster;

    @BeforeEach
    void makeCluster() {
        cluster = new TestCluster(directory, 3);
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void aFilePutOnAnyNodeIsPublishedOnEveryNode() throws Exception {
        cluster.start();
        put(1, "metrics/2026/11/22.parquet", 3 * MIB + 17);
        put(2, "metrics/2026/11/23.parquet", MIB);
        put(3, "small", 5);
        put(1, "empty", 0);
        cluster.assertConverged(expected);
    }

    @Test
    void anUpdateReplacesAndADeleteRemovesOnEveryNode() throws Exception {
        cluster.start();
        put(1, "a/updated", 2 * MIB);
        put(1, "a/deleted", 100);
        put(1, "a/again", 100);
        cluster.assertConverged(expected);

        put(2, "a/updated", 2 * MIB);
        delete(3, "a/deleted");
        delete(3, "a/again");
        put(2, "a/again", 200);
        cluster.assertConverged(expected);
    }

    @Test
    void aRestartedNodeReplaysItsLogAndPullsOnlyWhatItLacks() throws Exception {
        cluster.start();
        put(1, "before", MIB + 1);
        cluster.assertConverged(expected);
        cluster.stop(3);
        put(1, "meanwhile", 2 * MIB);
        put(2, "gone again", 100);
        delete(2, "gone again");

        cluster.start(3);

        cluster.assertConverged(expected);
        assertThat(cluster.node(3).stats().pulled()).isEqualTo(1);
    }

    @Test
    void aDeadOriginIsReplacedByWhoeverHoldsTheFile() throws Exception {
        cluster.start();
        // A member whose log is empty has no vote in Ratis, so that a wiped disk cannot elect: node 3 needs an entry.
        put(1, "first", 10);
        cluster.assertConverged(expected);
        cluster.stop(3);
        put(1, "orphan", 2 * MIB + 3);
        cluster.awaitCaughtUp(2);
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of("orphan"), TestCluster.PATIENCE)
                .join();
        cluster.stop(1);

        cluster.start(3);

        cluster.assertConverged(expected);
    }

    @Test
    void anInstalledSnapshotIsCaughtUpWithByAWalk() throws Exception {
        cluster.start();
        put(1, "early", 100);
        put(1, "deleted meanwhile", 100);
        cluster.assertConverged(expected);
        cluster.stop(3);
        put(1, "late", MIB);
        delete(2, "deleted meanwhile");
        for (int i = 0; i < 60; i++) {
            // Enough of a log that some of it can be purged.
            put(2, "many/" + i, i);
        }
        cluster.snapshot(1);
        cluster.snapshot(2);

        cluster.start(3);

        cluster.assertConverged(expected);
        assertThat(cluster.node(3).stateMachine().installedSnapshotIndex()).isPositive();
    }

    @Test
    void aLostDiskIsFilledAgain() throws Exception {
        cluster.start();
        put(1, "one", MIB);
        put(3, "two", 10);
        cluster.assertConverged(expected);
        cluster.stop(3);
        TestCluster.wipe(cluster.storageRoot(3));

        cluster.start(3);

        cluster.assertConverged(expected);
    }

    @Test
    void bytesThatRottedOnAPeerAreNeitherTakenNorKept() throws Exception {
        cluster.start();
        cluster.stop(3);
        put(1, "rotten", MIB + 100);
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of("rotten"), TestCluster.PATIENCE)
                .join();
        rot(cluster.storageRoot(1).resolve("rotten"));

        cluster.start(3);

        cluster.assertConverged(expected);
    }

    @Test
    void whoDoesNotKnowTheSecretGetsNothing() throws Exception {
        byte[] wrong = "another secret of more than 32 bytes, which is wrong".getBytes(StandardCharsets.UTF_8);
        cluster.customize(3, node -> node.setSecrets(ClusterSecrets.of("test", wrong)));
        cluster.start();
        put(1, "secret", MIB);
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of("secret"), TestCluster.PATIENCE)
                .join();

        await().atMost(TestCluster.PATIENCE).until(() -> cluster.node(3).stats().authFailure() > 0);

        assertThat(cluster.node(3).stats().missing()).isEqualTo(1);
        assertThat(cluster.filesOnDisk(3)).isEmpty();
    }

    /** Changes bytes and leaves size and time as they were: what a failing disk does. */
    private static void rot(Path file) throws Exception {
        FileTime modified = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[MIB + 50] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, modified);
    }

    private void put(int node, String path, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        cluster.put(node, path, content);
        expected.put(path, content);
    }

    private void delete(int node, String path) throws Exception {
        assertThat(cluster.node(node)
                        .files()
                        .deleteAsync(FilePath.of(path), "test")
                        .join())
                .isTrue();
        expected.remove(path);
    }
}
