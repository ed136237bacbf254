package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The benchmark {@code latency}: a file of 4 KiB from the beginning of its put until every other node of an idle cluster of
 * three has published it, beside the commit of a bare counter, one after the other.
 */
final class LatencyBenchmark {
    private static final int NODES = 3;
    private static final long FILE_BYTES = 4_096;
    /** Between two samples, so that each finds the cluster idle. */
    private static final long PAUSE_MILLIS = 10;

    private final Workspace workspace;
    private final Report report;
    private final boolean quick;
    private int puts;

    LatencyBenchmark(Workspace workspace, Report report, boolean quick) {
        this.workspace = workspace;
        this.report = report;
        this.quick = quick;
    }

    /** Latencies of one run in milliseconds: published everywhere, published on the first, and committed. */
    private record Latencies(double published50, double published99, double committed50, double committed99) {}

    void run() throws Exception {
        Path directory = workspace.inMemory("latency");
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, NODES);
                CounterGroup counters = new CounterGroup(workspace, directory, NODES)) {
            Path source = directory.resolve("source");
            FileTree.write(source, FILE_BYTES);
            Latencies unused = sample(nodes, counters, source, quick ? 300 : 1_500);
            Runs<Latencies> runs =
                    Runs.of(quick ? 2 : 5, quick ? 2 : 10, () -> sample(nodes, counters, source, quick ? 300 : 1_000));
            report.addMeasured(
                    "published_over_commit_p50",
                    "ratio",
                    "<= 2.5 (stretch 1.5)",
                    runs,
                    l -> l.published50() / l.committed50());
            report.addMeasured("published_over_commit_p99", "ratio", "", runs, l -> l.published99() / l.committed99());
            report.addMeasured("published_ms_p50", "ms", "", runs, Latencies::published50);
            report.addMeasured("published_ms_p99", "ms", "", runs, Latencies::published99);
            report.addMeasured("commit_ms_p50", "ms", "", runs, Latencies::committed50);
            report.addMeasured("commit_ms_p99", "ms", "", runs, Latencies::committed99);
        }
        Workspace.delete(directory);
    }

    private Latencies sample(NodeGroup nodes, CounterGroup counters, Path source, int samples)
            throws IOException, InterruptedException {
        long[] published = new long[samples];
        long[] committed = new long[samples];
        for (int i = 0; i < samples; i++) {
            published[i] = publishedNanos(nodes, source);
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            committed[i] = counters.countNanos();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        return new Latencies(
                Result.quantile(published, 0.5) / 1e6,
                Result.quantile(published, 0.99) / 1e6,
                Result.quantile(committed, 0.5) / 1e6,
                Result.quantile(committed, 0.99) / 1e6);
    }

    private long publishedNanos(NodeGroup nodes, Path source) throws IOException {
        long begun = nodes.leader().submitNanos("latency/d-" + puts / 1_000 + "/file-" + puts, source);
        puts++;
        long last = 0;
        for (ChildNode node : nodes.others()) {
            last = Math.max(last, node.publishedNanos(1));
        }
        return last - begun;
    }
}
