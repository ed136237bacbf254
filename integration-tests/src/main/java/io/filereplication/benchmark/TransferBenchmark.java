package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The benchmark {@code transfer}: large files between two nodes on tmpfs, from the moment at which the registration is in the
 * leader's manifest to the moment at which the other node has fetched, verified, fsynced and renamed the file, beside rsync
 * and curl with openssl, in turn. Then a tree of files of many sizes, and what a transfer does to commits.
 */
final class TransferBenchmark {
    private static final long MEBIBYTE = 1L << 20;
    /** Until the compiler has little left to do: on two processors it competes with what is measured. */
    private static final int WARM_UPS = 20;
    /** The same for four files at once, whose nodes are new in each run; each is an eighth as large. */
    private static final int WARM_UPS_OF_FOUR = 24;

    private static final int FILES_AT_ONCE = 4;

    private final Workspace workspace;
    private final Report report;
    private final boolean quick;
    private final long fileBytes;

    TransferBenchmark(Workspace workspace, Report report, boolean quick) {
        this.workspace = workspace;
        this.report = report;
        this.quick = quick;
        this.fileBytes = (quick ? 256 : 1024) * MEBIBYTE;
    }

    /** What one run took, and the memory that was held during our part of it. */
    private record Times(
            Taken ours,
            Taken rsync,
            Taken curl,
            Taken cp,
            Taken iperf,
            MemoryPeaks.Peaks receiver,
            MemoryPeaks.Peaks server) {}

    void run() throws Exception {
        oneFile();
        filesAtOnce();
        mix();
        new CommitsDuringCatchUp(workspace, report, quick).run();
    }

    private void oneFile() throws Exception {
        Path directory = workspace.inMemory("one-file");
        Path source = directory.resolve("source");
        FileTree.write(source, fileBytes);
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, 2);
                Alternatives others =
                        new Alternatives(workspace, directory, nodes.leader().files())) {
            // A node that pulls nothing holds some for Raft.
            long idle = nodes.other().memoryPeaks().direct();
            for (int i = 0; i < (quick ? 4 : WARM_UPS); i++) {
                Taken unused = pullOne(nodes, source);
            }
            Runs<Times> runs =
                    Runs.of(quick ? 3 : 7, quick ? 3 : 14, () -> transferOne(nodes, others, source, directory));
            double gigabytes = fileBytes / 1e9;
            report.addMeasured(
                    "file_1g_mb_per_s",
                    "MB/s",
                    "",
                    runs,
                    t -> fileBytes / 1e6 / t.ours().seconds());
            report.addMeasured(
                    "file_1g_vs_rsync",
                    "ratio",
                    ">= 0.9 (stretch 1.0)",
                    runs,
                    t -> t.rsync().over(t.ours()));
            report.addMeasured(
                    "file_1g_vs_curl_openssl",
                    "ratio",
                    ">= 1.4 (stretch 1.6)",
                    runs,
                    t -> t.curl().over(t.ours()));
            report.addMeasured("file_1g_vs_cp", "ratio", "", runs, t -> t.cp().over(t.ours()));
            report.addMeasured(
                    "file_1g_vs_iperf3", "ratio", "", runs, t -> t.iperf().over(t.ours()));
            report.addMeasured(
                    "file_1g_cpu_s_per_gb", "s", "", runs, t -> t.ours().cpuSeconds() / gigabytes);
            report.addMeasured(
                    "file_1g_rsync_cpu_s_per_gb", "s", "", runs, t -> t.rsync().cpuSeconds() / gigabytes);
            String direct = "<= 33554432 (stretch 16777216)";
            report.addMeasured(
                    "peak_direct_bytes_per_pull",
                    "bytes",
                    direct,
                    runs,
                    t -> Math.max(0, t.receiver().direct() - idle));
            report.addMeasured(
                    "peak_direct_bytes_of_node",
                    "bytes",
                    "",
                    runs,
                    t -> t.receiver().direct());
            report.addMeasured(
                    "peak_heap_bytes_of_node",
                    "bytes",
                    "",
                    runs,
                    t -> t.receiver().heap());
            report.addMeasured(
                    "peak_direct_bytes_of_server",
                    "bytes",
                    "",
                    runs,
                    t -> t.server().direct());
            report.addMeasured(
                    "peak_heap_bytes_of_server",
                    "bytes",
                    "",
                    runs,
                    t -> t.server().heap());
        }
        Workspace.delete(directory);
    }

    private Times transferOne(NodeGroup nodes, Alternatives others, Path source, Path directory)
            throws IOException, InterruptedException {
        Taken ours = pullOne(nodes, source);
        MemoryPeaks.Peaks receiver = nodes.other().memoryPeaks();
        MemoryPeaks.Peaks server = nodes.leader().memoryPeaks();
        Path target = Files.createDirectories(directory.resolve("target"));
        Taken rsync = Taken.of(() -> others.rsyncSeconds(List.of("file"), target, List.of()));
        Workspace.delete(target);
        Files.createDirectories(target);
        Taken curl = Taken.of(() -> others.curlAndOpensslSeconds("file", target));
        Workspace.delete(target);
        Files.createDirectories(target);
        Taken cp = Taken.of(() -> others.cpSeconds(nodes.leader().files().resolve("file"), target));
        Workspace.delete(target);
        Taken iperf = Taken.of(() -> others.iperfSeconds(fileBytes));
        return new Times(ours, rsync, curl, cp, iperf, receiver, server);
    }

    /** Our part: the put is none of it; the processor time is from when it is done until the other node is, too. */
    private static Taken pullOne(NodeGroup nodes, Path source) throws IOException, InterruptedException {
        change(source);
        nodes.other().pause();
        nodes.leader().put(List.of("file", source.toString()));
        MemoryPeaks.Peaks unused = nodes.other().memoryPeaks();
        unused = nodes.leader().memoryPeaks();
        return Taken.of(() -> {
            long begun = nodes.other().resumeNanos();
            return (nodes.other().publishedNanos(1) - begun) / 1e9;
        });
    }

    /** New nodes for each run, because two generations of four large files do not fit into memory. */
    private void filesAtOnce() throws Exception {
        Runs<Times> runs = Runs.of(quick ? 1 : 5, quick ? 1 : 8, this::transferFour);
        report.addMeasured(
                "files_4x1g_vs_rsync",
                "ratio",
                ">= 1.05 (stretch 1.15)",
                runs,
                t -> t.rsync().over(t.ours()));
    }

    private Times transferFour() throws IOException, InterruptedException {
        Path directory = workspace.inMemory("four-files");
        Path source = directory.resolve("source");
        Path warm = directory.resolve("warm");
        FileTree.write(source, fileBytes);
        FileTree.write(warm, fileBytes / 8);
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, 2);
                Alternatives others =
                        new Alternatives(workspace, directory, nodes.leader().files())) {
            List<String> names = new ArrayList<>();
            List<String> puts = new ArrayList<>();
            for (int i = 0; i < FILES_AT_ONCE; i++) {
                names.add("file-" + i);
                puts.addAll(List.of("file-" + i, source.toString()));
            }
            for (int i = 0; i < (quick ? 4 : WARM_UPS_OF_FOUR); i++) {
                nodes.leader().put(List.of("warm", warm.toString()));
                long unused = nodes.other().publishedNanos(1);
                change(warm);
            }
            nodes.other().pause();
            nodes.leader().put(puts);
            Taken ours = Taken.of(() -> {
                long begun = nodes.other().resumeNanos();
                return (nodes.other().publishedNanos(FILES_AT_ONCE) - begun) / 1e9;
            });
            Path target = Files.createDirectories(directory.resolve("target"));
            Taken rsync = Taken.of(() -> others.rsyncSeconds(names, target, List.of()));
            MemoryPeaks.Peaks receiver = nodes.other().memoryPeaks();
            MemoryPeaks.Peaks server = nodes.leader().memoryPeaks();
            return new Times(ours, rsync, Taken.NOTHING, Taken.NOTHING, Taken.NOTHING, receiver, server);
        } finally {
            Workspace.delete(directory);
        }
    }

    /** Files of many sizes, as a database leaves them. */
    private void mix() throws Exception {
        Path directory = workspace.inMemory("mix");
        FileTree tree = FileTree.mixed(quick ? 300 : 2_000);
        try (NodeGroup nodes = NodeGroup.start(workspace, directory, 2);
                Alternatives others =
                        new Alternatives(workspace, directory, nodes.leader().files())) {
            TreeTransfer transfer = new TreeTransfer(nodes, others, directory, tree, List.of(), false);
            TreeTransfer.Times unused = transfer.once();
            Runs<TreeTransfer.Times> runs = Runs.of(quick ? 1 : 5, quick ? 1 : 8, transfer::once);
            double megabytes = tree.bytes() / 1e6;
            report.addMeasured(
                    "mix_mb_per_s", "MB/s", "", runs, t -> megabytes / t.ours().seconds());
            report.addMeasured("mix_vs_rsync", "ratio", "", runs, t -> t.rsync().over(t.ours()));
            report.addMeasured("mix_vs_cp", "ratio", "", runs, t -> t.cp().over(t.ours()));
        }
        Workspace.delete(directory);
    }

    /** Makes another content of it, so that it is pulled anew. */
    private static void change(Path file) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            int unused = out.write(ByteBuffer.allocate(Long.BYTES).putLong(0, System.nanoTime()), 0);
        }
    }
}
