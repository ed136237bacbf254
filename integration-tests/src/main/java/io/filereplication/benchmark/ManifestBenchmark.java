package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The benchmark {@code manifest}: heap, registrations, apply while a snapshot is written, and loading one. */
final class ManifestBenchmark {
    private static final long MILLION = 1_000_000;
    private static final Duration PROBE_TIMEOUT = Duration.ofMinutes(5);

    private final Workspace workspace;
    private final Report report;
    private final boolean quick;

    ManifestBenchmark(Workspace workspace, Report report, boolean quick) {
        this.workspace = workspace;
        this.report = report;
        this.quick = quick;
    }

    void run() throws Exception {
        heap();
        registrations();
        applyDelay();
        load();
    }

    private void heap() throws Exception {
        report.add(Result.once(
                "heap_bytes_per_entry_1m",
                "bytes",
                "<= 260 (stretch 200)",
                probe("2g", "heap", Long.toString(MILLION)).get(0)[0]));
        if (!quick) {
            report.add(Result.once(
                    "heap_bytes_per_entry_5m",
                    "bytes",
                    "",
                    probe("6g", "heap", Long.toString(5 * MILLION)).get(0)[0]));
        }
    }

    private void registrations() throws Exception {
        int count = quick ? 50_000 : 400_000;
        try (Registrations registrations = new Registrations(workspace.onDisk("registrations"))) {
            // The first ones are not compiled yet.
            double unused = registrations.perSecond(quick ? 50_000 : 200_000);
            Runs<Double> runs = Runs.of(quick ? 2 : 5, quick ? 2 : 10, () -> registrations.perSecond(count));
            report.add(
                    Result.of("registrations_per_second", "1/s", ">= 50000 (stretch 80000)", runs.each(v -> v)), runs);
        }
    }

    private void applyDelay() throws Exception {
        Path directory = workspace.onDisk("snapshots");
        int snapshots = quick ? 2 : 5;
        // The first snapshot of a process is written while the writer is being compiled; it counts like the others.
        Runs<List<double[]>> runs = Runs.of(
                1,
                quick ? 1 : 4,
                () -> probe("2g", "delay", Long.toString(MILLION), directory.toString(), Integer.toString(snapshots)));
        report.add(
                Result.of("apply_delay_p99_ms_during_snapshot_1m", "ms", "<= 10 (stretch 2)", column(runs, 0)), runs);
        report.add(Result.of("apply_delay_max_ms_during_snapshot_1m", "ms", "<= 50", column(runs, 1)), runs);
        report.add(Result.of("snapshot_write_ms_1m", "ms", "", column(runs, 2)), runs);
    }

    private static List<Double> column(Runs<List<double[]>> runs, int column) {
        List<Double> values = new ArrayList<>();
        runs.values().forEach(lines -> lines.forEach(line -> values.add(line[column])));
        return values;
    }

    private void load() throws Exception {
        String file = workspace.onDisk("snapshot").resolve("snapshot").toString();
        List<double[]> unused = probe("2g", "save", Long.toString(MILLION), file);
        Runs<Double> runs = Runs.of(
                quick ? 3 : 5,
                quick ? 3 : 10,
                () -> probe("2g", "load", Long.toString(MILLION), file).get(0)[0]);
        report.add(Result.of("snapshot_load_ms_1m", "ms", "<= 3000 (stretch 1500)", runs.each(v -> v)), runs);
    }

    /** The lines of figures that a {@link ManifestProbe} printed. */
    private List<double[]> probe(String heap, String... arguments) throws IOException, InterruptedException {
        String printed = workspace.run(
                Workspace.java(List.of("-Xmx" + heap), ManifestProbe.class, List.of(arguments)), null, PROBE_TIMEOUT);
        return printed.lines()
                .map(line -> Arrays.stream(line.trim().split(" ", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }
}
