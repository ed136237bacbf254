package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long commits take at the leader while another node of three pulls large files as fast as it can, beside how long they
 * take while nothing else happens.
 */
final class CommitsDuringCatchUp {
    private static final int NODES = 3;
    private static final int FILES = 4;
    private static final int PER_SECOND = 200;

    private final Workspace workspace;
    private final Report report;
    private final boolean quick;
    private final long fileBytes;

    CommitsDuringCatchUp(Workspace workspace, Report report, boolean quick) {
        this.workspace = workspace;
        this.report = report;
        this.quick = quick;
        this.fileBytes = (quick ? 256L : 1024L) << 20;
    }

    private record Commits(CommitProbe.Latencies idle, CommitProbe.Latencies busy) {}

    void run() throws Exception {
        Path directory = workspace.inMemory("commits");
        List<Path> sources = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            sources.add(directory.resolve("source-" + i));
        }
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, NODES)) {
            // It only votes; the other one pulls.
            nodes.others().get(1).pause();
            Commits unused = measure(nodes, sources);
            Runs<Commits> runs = Runs.of(quick ? 1 : 5, quick ? 1 : 8, () -> measure(nodes, sources));
            report.addMeasured(
                    "commit_p99_during_catch_up_vs_idle",
                    "ratio",
                    "<= 2 (stretch 1.3)",
                    runs,
                    c -> c.busy().p99() / c.idle().p99());
            report.addMeasured(
                    "commit_idle_p99_ms", "ms", "", runs, c -> c.idle().p99());
            report.addMeasured(
                    "commit_during_catch_up_p99_ms",
                    "ms",
                    "",
                    runs,
                    c -> c.busy().p99());
            report.addMeasured(
                    "commit_during_catch_up_p50_ms",
                    "ms",
                    "",
                    runs,
                    c -> c.busy().p50());
        }
        Workspace.delete(directory);
    }

    private Commits measure(NodeGroup nodes, List<Path> sources) throws IOException, InterruptedException {
        nodes.other().pause();
        List<String> puts = new ArrayList<>();
        for (Path source : sources) {
            Workspace.delete(source);
            FileTree.write(source, fileBytes);
            puts.addAll(List.of(source.getFileName().toString(), source.toString()));
        }
        nodes.leader().put(puts);
        for (Path source : sources) {
            Workspace.delete(source);
        }
        nodes.leader().beginCommits(PER_SECOND);
        TimeUnit.SECONDS.sleep(quick ? 3 : 6);
        CommitProbe.Latencies idle = nodes.leader().endCommits();
        nodes.leader().beginCommits(PER_SECOND);
        long unused = nodes.other().resumeNanos();
        unused = nodes.other().publishedNanos(FILES);
        return new Commits(idle, nodes.leader().endCommits());
    }
}
