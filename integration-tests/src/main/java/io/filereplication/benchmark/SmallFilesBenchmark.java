package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The benchmark {@code small-files}: trees of files of 4 KiB, in memory and on a disk, and an empty node that catches up. */
final class SmallFilesBenchmark {
    private static final long FILE_BYTES = 4_096;
    /** Until the compiler has little left to do: in the third run it still takes a third of the puller's processor time. */
    private static final int WARM_UPS = 10;

    private static final int WARM_UPS_ON_DISK = 3;

    private final Workspace workspace;
    private final Report report;
    private final boolean quick;

    SmallFilesBenchmark(Workspace workspace, Report report, boolean quick) {
        this.workspace = workspace;
        this.report = report;
        this.quick = quick;
    }

    void run() throws Exception {
        inMemory();
        onDisk();
        catchUp();
    }

    private void inMemory() throws Exception {
        Path directory = workspace.inMemory("small-files");
        FileTree tree = FileTree.of(quick ? 5_000 : 20_000, FILE_BYTES);
        Runs<TreeTransfer.Times> runs = transfers(directory, tree, List.of(), false, WARM_UPS, quick ? 3 : 7);
        report.addMeasured(
                "small_20k_files_per_s",
                "files/s",
                "",
                runs,
                t -> tree.files() / t.ours().seconds());
        report.addMeasured(
                "small_20k_vs_rsync",
                "ratio",
                ">= 1.5 (stretch 2.5)",
                runs,
                t -> t.rsync().over(t.ours()));
        report.addMeasured("small_20k_vs_cp", "ratio", "stretch: >= 1.0", runs, t -> t.cp().over(t.ours()));
        report.addMeasured("small_20k_cpu_s_per_1000", "s", "", runs, t -> perThousand(t.ours(), tree));
        report.addMeasured("small_20k_rsync_cpu_s_per_1000", "s", "", runs, t -> perThousand(t.rsync(), tree));
        Workspace.delete(directory);
    }

    private static double perThousand(Taken taken, FileTree tree) {
        return taken.cpuSeconds() * 1_000 / tree.files();
    }

    /**
     * Nothing is deleted meanwhile: before ext4 makes a file it looks at every inode of the block group that was deleted within minutes,
     * so that whoever fills one directory is measured by how much was deleted before.
     */
    private void onDisk() throws Exception {
        Path directory = workspace.onDisk("small-files");
        FileTree tree = FileTree.of(quick ? 2_000 : 20_000, FILE_BYTES);
        Runs<TreeTransfer.Times> runs =
                transfers(directory, tree, List.of("--fsync"), true, WARM_UPS_ON_DISK, quick ? 2 : 5);
        report.addMeasured(
                "small_20k_disk_files_per_s",
                "files/s",
                "",
                runs,
                t -> tree.files() / t.ours().seconds());
        report.addMeasured(
                "small_20k_disk_vs_rsync_fsync",
                "ratio",
                ">= 1.5 (stretch 2.5)",
                runs,
                t -> t.rsync().over(t.ours()));
        Workspace.delete(directory);
    }

    private Runs<TreeTransfer.Times> transfers(
            Path directory, FileTree tree, List<String> rsyncOptions, boolean keepsTrees, int warmUps, int wanted)
            throws Exception {
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, 2);
                Alternatives others =
                        new Alternatives(workspace, directory, nodes.leader().files())) {
            TreeTransfer transfer = new TreeTransfer(nodes, others, directory, tree, rsyncOptions, keepsTrees);
            for (int i = 0; i < (quick ? 1 : warmUps); i++) {
                Taken unused = transfer.pullOnce();
            }
            return Runs.of(wanted, quick ? wanted : 2 * wanted, transfer::once);
        }
    }

    private void catchUp() throws Exception {
        int files = quick ? 20_000 : 100_000;
        Runs<Double> runs = Runs.of(quick ? 1 : 3, quick ? 1 : 5, () -> files / catchUpSeconds(files));
        report.addMeasured("catch_up_files_per_second", "files/s", ">= 10000 (stretch 25000)", runs, v -> v);
    }

    /** From the request to make a node with empty disks a member until it has published everything. */
    private double catchUpSeconds(int files) throws IOException, InterruptedException {
        Path directory = workspace.inMemory("catch-up");
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, 1)) {
            FileTree.of(files, FILE_BYTES).write(nodes.leader().files().resolve("tree"));
            nodes.leader().register("tree");
            ChildNode empty = nodes.newNode();
            long joined = nodes.joinAllNanos();
            return (empty.publishedNanos(files) - joined) / 1e9;
        } finally {
            Workspace.delete(directory);
        }
    }
}
