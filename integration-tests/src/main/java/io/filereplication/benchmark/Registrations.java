package io.filereplication.benchmark;

import io.filereplication.client.ManifestClient;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.cluster.ManifestCluster;
import io.filereplication.cluster.ManifestNode;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationResult;
import io.filereplication.time.ThreadScheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Registrations through Raft: three nodes in this process, each with a durable log, and one client on one of them that
 * submits single operations as fast as there is room.
 */
final class Registrations implements AutoCloseable {
    private static final long SNAPSHOT_EVERY = 100_000;
    private static final long LEADER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ManifestCluster cluster;
    private final ThreadScheduler scheduler = new ThreadScheduler("benchmark-client", 2);
    private final ManifestClient client;
    private long next;

    Registrations(Path directory) throws IOException, InterruptedException {
        RaftProperties properties = ManifestCluster.properties(SNAPSHOT_EVERY);
        // The log as a node has it, not one whose segments are small for a test.
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("32MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(1_500, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(3_000, TimeUnit.MILLISECONDS));
        cluster = new ManifestCluster(directory, 3, properties, ManifestNode::plain);
        cluster.start();
        client = cluster.client(awaitLeader(), scheduler, ManifestClientSettings.defaults());
    }

    private int awaitLeader() throws IOException, InterruptedException {
        long until = System.nanoTime() + LEADER_PATIENCE_NANOS;
        while (cluster.leader() < 0) {
            if (System.nanoTime() > until) {
                throw new IOException("The group has no leader");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return cluster.leader();
    }

    /** Registers so many new files and answers how many a second were answered. */
    double perSecond(int count) throws Exception {
        // The caller's own work is no part of it.
        List<Operation> operations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            operations.add(ManifestEntries.register(next++));
        }
        List<CompletableFuture<OperationResult>> answers = new ArrayList<>(count);
        long began = System.nanoTime();
        for (Operation operation : operations) {
            answers.add(client.submitWhenRoom(operation));
        }
        for (CompletableFuture<OperationResult> answer : answers) {
            OperationResult result = answer.get(60, TimeUnit.SECONDS);
            if (!result.status().isAccepted()) {
                throw new IllegalStateException("A registration was answered " + result);
            }
        }
        return count / ((System.nanoTime() - began) / 1e9);
    }

    @Override
    public void close() throws Exception {
        cluster.close();
        scheduler.close();
    }
}
