package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import io.filereplication.plugin.ReplicatedGroup;
import io.filereplication.storage.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does to a node while it runs. */
class OperatingIT {
    private static final int MIB = 1 << 20;
    private static final FilePath FILE = FilePath.of("file");

    @TempDir
    Path directory;

    private final byte[] content = new byte[8 * MIB];
    private TestCluster cluster;

    @BeforeEach
    void startCluster() throws Exception {
        new Random(3).nextBytes(content);
        cluster = new TestCluster(directory, 2).start();
        cluster.awaitCaughtUp(1);
        cluster.awaitCaughtUp(2);
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void aNodeWhosePullingIsPausedGetsNothingUntilItIsResumed() throws Exception {
        ReplicatedGroup paused = cluster.node(2).group();
        paused.pausePulling();
        cluster.put(1, "file", content);
        await().atMost(TestCluster.PATIENCE).until(() -> paused.manifest().get(FILE) != null);
        assertThat(paused.drain(TestCluster.PATIENCE)).isTrue();
        assertThat(cluster.filesOnDisk(2)).isEmpty();
        assertThat(paused.stats().paused()).isTrue();

        paused.resumePulling();
        paused.resumeServing();

        cluster.assertConverged(Map.of("file", content));
        assertThat(paused.stats().failed()).isZero();
    }

    @Test
    void aNodeWhoseServingIsPausedIsBusyUntilItIsResumed() throws Exception {
        ReplicatedGroup origin = cluster.node(1).group();
        origin.pauseServing();
        cluster.put(1, "file", content);
        await().atMost(TestCluster.PATIENCE)
                .until(() -> origin.fileServer().stats().refused() > 0);
        assertThat(cluster.filesOnDisk(2)).isEmpty();

        origin.resumeServing();

        cluster.assertConverged(Map.of("file", content));
    }

    /** So little that the file would take hours. */
    @Test
    void bandwidthIsChangedWhileAFileIsOnItsWay() throws Exception {
        cluster.node(2).incoming().limitNode(OptionalLong.of(1_000));
        cluster.node(1).outgoing().limitEachPeer(OptionalLong.of(1_000));
        cluster.put(1, "file", content);
        await().atMost(TestCluster.PATIENCE).until(() -> cluster.node(2).stats().inFlight() == 1);
        assertThat(cluster.filesOnDisk(2)).isEmpty();

        cluster.node(2).incoming().limitNode(OptionalLong.empty());
        cluster.node(1).outgoing().limitEachPeer(OptionalLong.empty());

        cluster.assertConverged(Map.of("file", content));
    }

    @Test
    void aDrainedNodeHasNothingUnderWay() throws Exception {
        for (int i = 0; i < 20; i++) {
            cluster.put(1 + i % 2, "many/" + i, new byte[] {1, 2, (byte) i});
        }
        for (int node : new int[] {1, 2}) {
            ReplicatedGroup group = cluster.node(node).group();
            assertThat(group.drain(TestCluster.PATIENCE)).isTrue();
            assertThat(group.stats().inFlight()).isZero();
            assertThat(group.fileServer().stats().transfers()).isZero();
            assertThat(group.files().underWay()).isZero();
        }
    }

    @Test
    void anOpenFileShowsItsVersionWhateverBecomesOfItsPath() throws Exception {
        cluster.put(1, "file", content);
        cluster.assertConverged(Map.of("file", content));
        try (OpenFile replaced = cluster.node(2).files().open(FILE)) {
            byte[] newer = {7, 7};
            cluster.put(1, "file", newer);
            cluster.assertConverged(Map.of("file", newer));
            assertThat(read(replaced)).isEqualTo(content);
            try (OpenFile removed = cluster.node(2).files().open(FILE)) {
                cluster.node(1).files().deleteAsync(FILE, "test").join();
                await().atMost(TestCluster.PATIENCE)
                        .until(() -> !Files.exists(cluster.storageRoot(2).resolve("file")));
                assertThat(read(removed)).isEqualTo(newer);
            }
        }
    }

    private static byte[] read(OpenFile file) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate((int) file.sizeBytes() + 1);
        int read = 0;
        while (read >= 0) {
            read = file.read(bytes, bytes.position());
        }
        byte[] whole = new byte[bytes.position()];
        bytes.flip().get(whole);
        return whole;
    }
}
