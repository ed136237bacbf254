package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.thirdparty.io.netty.buffer.PooledByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.util.internal.PlatformDependent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ratis's read-only stream has no flow control: what a receiver holds is bounded by what it asks for. */
class ReceiverMemoryIT {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    /** The reader is slower than the network by far, as with a slow disk. */
    @Test
    void aSlowReaderHoldsNoMoreThanItAskedForWhateverTheFilesSize() throws Exception {
        byte[] content = new byte[96 * MIB];
        new Random(1).nextBytes(content);
        try (TestCluster cluster = new TestCluster(directory, 2)) {
            cluster.start();
            cluster.put(1, "warm-up", new byte[MIB]);
            cluster.node(2)
                    .files()
                    .awaitLocal(FilePath.of("warm-up"), TestCluster.PATIENCE)
                    .join();
            cluster.node(2).incoming().limitNode(OptionalLong.of(24 * MIB));
            long heldBefore = held();
            long usedBefore = used();
            cluster.put(1, "large", content);
            CompletableFuture<?> here = cluster.node(2).files().awaitLocal(FilePath.of("large"), TestCluster.PATIENCE);
            long held = 0;
            long used = 0;
            while (!isDone(here)) {
                held = Math.max(held, held() - heldBefore);
                used = Math.max(used, used() - usedBefore);
            }
            here.join();
            assertThat(used).as("a range that waits for its reader was seen").isGreaterThan(MIB);
            assertThat(used).isLessThanOrEqualTo(16 * MIB);
            assertThat(held).isLessThanOrEqualTo(32 * MIB);
            cluster.assertConverged(Map.of("warm-up", new byte[MIB], "large", content));
        }
    }

    /** The file is deleted while it is being pulled: worker, place and memory are free, however much was under way. */
    @Test
    void aCancelledFetchGivesEverythingBack() throws Exception {
        byte[] content = new byte[64 * MIB];
        try (TestCluster cluster = new TestCluster(directory, 2)) {
            cluster.start();
            cluster.put(1, "warm-up", new byte[MIB]);
            cluster.assertConverged(Map.of("warm-up", new byte[MIB]));
            long before = used();
            cluster.node(2).incoming().limitNode(OptionalLong.of(MIB));
            cluster.put(1, "large", content);
            await().atMost(TestCluster.PATIENCE)
                    .until(() -> cluster.node(2).stats().inFlight() == 1
                            && cluster.node(1).fileServer().stats().bytes() > 8 * MIB);

            cluster.node(1).files().deleteAsync(FilePath.of("large"), "test").join();

            await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
                assertThat(cluster.node(2).stats().inFlight()).isZero();
                assertThat(cluster.node(1).serveUsage().transfers()).isZero();
                assertThat(used()).isLessThanOrEqualTo(before + MIB);
            });
            cluster.node(2).incoming().limitNode(OptionalLong.empty());
            cluster.assertConverged(Map.of("warm-up", new byte[MIB]));
        }
    }

    private static boolean isDone(CompletableFuture<?> future) throws Exception {
        try {
            future.get(2, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** What lies in buffers now, to the buffer. */
    private static long used() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    /** Netty takes memory in chunks of megabytes and keeps them: what the process holds, in use or not. */
    private static long held() {
        return Math.max(
                PlatformDependent.usedDirectMemory(),
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
    }
}
