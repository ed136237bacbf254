package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that joins a running cluster and gets the manifest as a snapshot. */
@Timeout(180)
class JoinIT {
    @TempDir
    private Path directory;

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
    void pullsFromTheMembersAsSoonAsItKnowsThem() throws Exception {
        cluster.start();
        Map<String, byte[]> expected = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            byte[] content = ("tiny " + i).getBytes(StandardCharsets.UTF_8);
            cluster.put(1, "tiny/" + i, content);
            expected.put("tiny/" + i, content);
        }
        for (int i = 1; i <= 3; i++) {
            cluster.awaitCaughtUp(i);
            cluster.snapshot(i);
        }
        int joined = cluster.join();

        cluster.assertConverged(expected);
        assertThat(cluster.node(joined).stateMachine().installedSnapshotIndex()).isPositive();
        assertThat(cluster.node(joined).stats().pulled()).isEqualTo(expected.size());
    }
}
