package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story with real processes, real Parquet files and fake nodes. */
class DemoIT {
    private static final Pattern PROCESS = Pattern.compile("process (\\d+)");

    @TempDir
    private Path work;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(Class<?> nodeMain, Workload workload) {
        Demo demo = new Demo(new PrintStream(printed, true, StandardCharsets.UTF_8), System::nanoTime, nodeMain);
        return demo.run(workload, new DemoOptions(null, work, DemoOptions.Progress.PLAIN));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private void assertNothingIsLeftBehind() {
        assertThat(work).isEmptyDirectory();
        assertThat(processesIn(output())).isNotEmpty().noneMatch(DemoIT::isRunning);
    }

    private static List<Long> processesIn(String text) {
        List<Long> processes = new ArrayList<>();
        Matcher matcher = PROCESS.matcher(text);
        while (matcher.find()) {
            processes.add(Long.valueOf(matcher.group(1)));
        }
        return processes;
    }

    private static boolean isRunning(long process) {
        return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void endsWellWhenBothNodesHaveWhatWasWritten() {
        int exitCode = run(FakeNode.Healthy.class, new GeneratedWorkload(6, 3));

        assertThat(output())
                .contains("killed with SIGKILL: exit code 137")
                .contains("{n2, n3} remain")
                .contains("{n2} remains")
                .contains("the disk of the killed node 1: 6 files")
                .contains("node 3: 9 files")
                .contains("9 days")
                .contains("retries mismatches");
        assertThat(exitCode).isZero();
        assertNothingIsLeftBehind();
    }

    @Test
    void replicatesTheFilesOfTheUsersDirectory(@TempDir Path source) throws Exception {
        for (int i = 0; i < 21; i++) {
            Path file = source.resolve("sub directory " + i % 3).resolve("file " + i);
            Files.createDirectories(file.getParent());
            Files.write(file, new byte[i * 1_000]);
        }

        int exitCode = run(FakeNode.Healthy.class, new OwnFilesWorkload(SourceTree.list(source)));

        assertThat(output()).contains("21 files equal to their originals");
        assertThat(exitCode).isZero();
        assertThat(SourceTree.list(source).paths()).hasSize(21);
        assertNothingIsLeftBehind();
    }

    @Test
    void namesTheFilesThatDifferAndFails() {
        int exitCode = run(FakeNode.Flipping.class, new GeneratedWorkload(2, 1));

        assertThat(output())
                .contains("DIFFERENT: node 3: expected were 3 equal files")
                .contains("DIFFERENT: measurements/day=2026-01-01/part-0.parquet has");
        assertThat(exitCode).isEqualTo(Demo.DIFFERENT);
        assertNothingIsLeftBehind();
    }

    @Test
    void failsWhenNode3AppliesWhatItsSnapshotContains() {
        int exitCode = run(FakeNode.Replaying.class, new GeneratedWorkload(2, 1));

        assertThat(output())
                .contains("DIFFERENT: node 3 applied the log entry at index 7 although its snapshot ends at 1000");
        assertThat(exitCode).isEqualTo(Demo.DIFFERENT);
    }

    @Test
    void saysInOneSentenceWhyANodeDoesNotStart() {
        int exitCode = run(FakeNode.Refusing.class, new GeneratedWorkload(2, 1));

        assertThat(output()).containsPattern("FAILED: node 1: Port \\d+ is in use");
        assertThat(exitCode).isEqualTo(Demo.DIFFERENT);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void explainsAWrongCommandLine() {
        Demo demo = new Demo(new PrintStream(printed, true, StandardCharsets.UTF_8), System::nanoTime, DemoNode.class);

        assertThat(demo.run(List.of("--files", "/no/such/directory"))).isEqualTo(Demo.BAD_USAGE);
        assertThat(output()).contains("'/no/such/directory' is not a directory").contains("Options:");
    }

    @Test
    void leavesNothingBehindWhenItIsTerminated() throws Exception {
        Process demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FakeNode.WholeDemo.class.getName(),
                        "--work",
                        work.toString(),
                        "--progress",
                        "plain")
                .redirectErrorStream(true)
                .start();
        StringBuilder text = new StringBuilder();
        try (BufferedReader lines = demo.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                text.append(line).append('\n');
                if (line.startsWith("2. ")) {
                    assertThat(work).isNotEmptyDirectory();
                    assertThat(processesIn(text.toString())).hasSize(3).allMatch(DemoIT::isRunning);
                    // SIGTERM, which runs the same hooks as the SIGINT of Ctrl-C.
                    demo.toHandle().destroy();
                }
            }
            assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            demo.destroyForcibly();
        }

        assertThat(demo.exitValue()).isEqualTo(128 + 15);
        assertThat(work).isEmptyDirectory();
        assertThat(processesIn(text.toString())).hasSize(3).noneMatch(DemoIT::isRunning);
    }
}
