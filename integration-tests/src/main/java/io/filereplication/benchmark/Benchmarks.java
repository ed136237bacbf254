package io.filereplication.benchmark;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** The main class: {@code Benchmarks NAME}, with {@code -Dbenchmark.quick=true} for a smaller size. */
public final class Benchmarks {
    private static final List<String> NAMES = List.of("manifest", "transfer", "small-files", "latency");

    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        String wanted = args.length == 1 ? args[0] : "";
        List<String> names = wanted.equals("all") ? NAMES : List.of(wanted);
        if (!NAMES.containsAll(names)) {
            System.err.println("Name one benchmark with -Dbenchmark=NAME: " + String.join(", ", NAMES) + " or all");
            System.exit(2);
        }
        boolean quick = Boolean.getBoolean("benchmark.quick");
        Path target = Path.of("target").toAbsolutePath();
        for (String name : names) {
            Report report = new Report(name, Instant.now(), Machine.here());
            try (Workspace workspace = Workspace.create(target)) {
                run(name, workspace, report, quick);
            }
            report.print(System.out);
            System.out.println(report.write(target.resolve("benchmarks")));
        }
        // Ratis leaves daemon threads behind, and nothing that has to be waited for.
        System.exit(0);
    }

    private static void run(String name, Workspace workspace, Report report, boolean quick) throws Exception {
        switch (name) {
            case "manifest" -> new ManifestBenchmark(workspace, report, quick).run();
            case "transfer" -> new TransferBenchmark(workspace, report, quick).run();
            case "small-files" -> new SmallFilesBenchmark(workspace, report, quick).run();
            case "latency" -> new LatencyBenchmark(workspace, report, quick).run();
            default -> throw new IllegalArgumentException(name);
        }
    }
}
