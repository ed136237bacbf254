package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The benchmark {@code transfer}: large files between two nodes on tmpfs, from the moment at which the registration is in the
 * leader's manifest to the moment at which the other node has fetched, verified, fsynced and renamed the file, beside rsync
 * and curl with openssl, in turn.
 */
final class TransferBenchmark {
    private static final long MEBIBYTE = 1L << 20;
    private static final int PIECE_BYTES = 4 << 20;
    private static final int WARM_UPS = 2;
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

    /** What one run took, in seconds, and the direct memory that was held meanwhile. */
    private record Times(double ours, double rsync, double curl, double directBytes) {}

    void run() throws Exception {
        oneFile();
        filesAtOnce();
    }

    private void oneFile() throws Exception {
        Path directory = workspace.inMemory("one-file");
        Path source = directory.resolve("source");
        write(source, fileBytes);
        try (NodePair nodes = NodePair.start(workspace, directory);
                Alternatives others = new Alternatives(workspace, directory, nodes.leaderFiles())) {
            // A node that pulls nothing holds some for Raft.
            long idle = nodes.peakDirectBytes();
            for (int i = 0; i < WARM_UPS; i++) {
                Times unused = transferOne(nodes, others, source, directory);
            }
            Runs<Times> runs =
                    Runs.of(quick ? 3 : 7, quick ? 3 : 14, () -> transferOne(nodes, others, source, directory));
            report.add(Result.of("file_1g_mb_per_s", "MB/s", "", runs.each(t -> fileBytes / 1e6 / t.ours())), runs);
            ratio("file_1g_vs_rsync", ">= 0.9 (stretch 1.0)", runs, t -> t.rsync() / t.ours());
            ratio("file_1g_vs_curl_openssl", ">= 1.4 (stretch 1.6)", runs, t -> t.curl() / t.ours());
            report.add(Result.of(
                    "peak_direct_bytes_per_pull",
                    "bytes",
                    "<= 33554432 (stretch 16777216)",
                    runs.each(t -> Math.max(0, t.directBytes() - idle))));
            report.add(Result.of("peak_direct_bytes_of_node", "bytes", "", runs.each(Times::directBytes)));
        }
        Workspace.delete(directory);
    }

    private Times transferOne(NodePair nodes, Alternatives others, Path source, Path directory)
            throws IOException, InterruptedException {
        change(source);
        long unused = nodes.peakDirectBytes();
        nodes.put(List.of("file", source.toString()));
        long took = nodes.publishedNanos(1) - nodes.registeredNanos();
        long direct = nodes.peakDirectBytes();
        Path target = Files.createDirectories(directory.resolve("target"));
        double rsync = others.rsyncSeconds(List.of("file"), target, List.of());
        Workspace.delete(target);
        Files.createDirectories(target);
        double curl = others.curlAndOpensslSeconds("file", target);
        Workspace.delete(target);
        return new Times(took / 1e9, rsync, curl, direct);
    }

    /** New nodes for each run, because two generations of four large files do not fit into memory. */
    private void filesAtOnce() throws Exception {
        Runs<Times> runs = Runs.of(quick ? 1 : 5, quick ? 1 : 8, this::transferFour);
        ratio("files_4x1g_vs_rsync", ">= 1.05 (stretch 1.15)", runs, t -> t.rsync() / t.ours());
    }

    private Times transferFour() throws IOException, InterruptedException {
        Path directory = workspace.inMemory("four-files");
        Path source = directory.resolve("source");
        Path warm = directory.resolve("warm");
        write(source, fileBytes);
        write(warm, fileBytes / 8);
        try (NodePair nodes = NodePair.start(workspace, directory);
                Alternatives others = new Alternatives(workspace, directory, nodes.leaderFiles())) {
            List<String> names = new ArrayList<>();
            List<String> puts = new ArrayList<>();
            for (int i = 0; i < FILES_AT_ONCE; i++) {
                names.add("file-" + i);
                puts.addAll(List.of("file-" + i, source.toString()));
            }
            for (int i = 0; i < 2 * WARM_UPS; i++) {
                nodes.put(List.of("warm", warm.toString()));
                long unused = nodes.publishedNanos(1) - nodes.registeredNanos();
                change(warm);
            }
            // From the first registration on: the others may come while it is being fetched.
            nodes.put(puts);
            double ours = (nodes.publishedNanos(FILES_AT_ONCE) - nodes.registeredNanos()) / 1e9;
            Path target = Files.createDirectories(directory.resolve("target"));
            return new Times(ours, others.rsyncSeconds(names, target, List.of()), Double.NaN, 0);
        } finally {
            Workspace.delete(directory);
        }
    }

    private void ratio(String name, String goal, Runs<Times> runs, ToDoubleFunction<Times> figure) {
        List<Double> values =
                runs.each(figure).stream().filter(Double::isFinite).toList();
        if (!values.isEmpty()) {
            report.add(Result.of(name, "ratio", goal, values), runs);
        }
    }

    private static void write(Path file, long bytes) throws IOException {
        SplittableRandom random = new SplittableRandom(bytes);
        byte[] piece = new byte[PIECE_BYTES];
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long written = 0; written < bytes; written += piece.length) {
                random.nextBytes(piece);
                int unused = out.write(ByteBuffer.wrap(piece));
            }
        }
    }

    /** Makes another content of it, so that it is pulled anew. */
    private static void change(Path file) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            int unused = out.write(ByteBuffer.allocate(Long.BYTES).putLong(0, System.nanoTime()), 0);
        }
    }
}
