package io.filereplication.benchmark;

import io.filereplication.cluster.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Bare counters in processes of their own; see {@link CounterMain}. */
final class CounterGroup implements AutoCloseable {
    private static final long LEADER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final List<ChildProcess> counters = new ArrayList<>();
    private final ChildProcess leader;

    CounterGroup(Workspace workspace, Path directory, int size) throws IOException, InterruptedException {
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            peers.add("c" + i + "," + FreePorts.next() + "," + FreePorts.next());
        }
        for (String peer : peers) {
            Path home = Files.createDirectories(directory.resolve("counter-" + counters.size()));
            List<String> arguments = new ArrayList<>(List.of(home.toString(), peer));
            arguments.addAll(peers);
            counters.add(
                    new ChildProcess(workspace, ChildNode.OPTIONS, CounterMain.class, arguments, home.resolve("log")));
        }
        leader = awaitLeader();
    }

    private ChildProcess awaitLeader() throws IOException, InterruptedException {
        long until = System.nanoTime() + LEADER_PATIENCE_NANOS;
        while (System.nanoTime() < until) {
            for (ChildProcess counter : counters) {
                if (Boolean.parseBoolean(counter.ask("leader"))) {
                    return counter;
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("The counters have no leader");
    }

    /** How long one increment took from its submission at the leader to its answer. */
    long countNanos() throws IOException {
        return Long.parseLong(leader.ask("count"));
    }

    @Override
    public void close() throws InterruptedException {
        for (ChildProcess counter : counters) {
            counter.end();
        }
    }
}
