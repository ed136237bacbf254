package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar of the command line as a user has it, in processes of its own, by what docs/cli.md says: a cluster by hand, files put and
 * fetched, a member killed and replaced, the secret rotated, nodes that end with 0.
 */
class CommandLineIT {
    private static final Pattern PORT = Pattern.compile("\\b6[1-4]0[12]\\b");
    private static final long PATIENCE_MINUTES = 8;

    @TempDir
    Path home;

    @AfterEach
    void endWhatIsLeft() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file :
                    files.filter(f -> f.getFileName().toString().equals("pid")).toList()) {
                ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Test
    void everyBlockOfTheDocumentRuns() throws Exception {
        Path cluster = home.resolve("cluster");
        Path said = home.resolve("said");
        List<Documents.Block> blocks =
                new ArrayList<>(Documents.blocks(Documents.root().resolve("docs/cli.md"), "sh"));
        assertThat(blocks.remove(0).text()).as("how the jar is made").isEqualTo("mvn -B -ntp -q -DskipTests package\n");
        StringBuilder script = new StringBuilder("set -euo pipefail\n");
        blocks.forEach(
                block -> script.append("echo '# ").append(block).append("'\n").append(block.text()));
        Path file = Files.writeString(
                home.resolve("script"), withFreePorts(script.toString()).replace("/tmp/cluster", cluster.toString()));

        Process process = new ProcessBuilder("bash", file.toString())
                .directory(Documents.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();

        assertThat(ended).as(Files.readString(said)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        assertThat(cluster.resolve("n4/files/reports/2026/again.parquet"))
                .hasSameBinaryContentAs(cluster.resolve("report.parquet"));
        assertThat(cluster.resolve("n4/files/notes/second.txt")).doesNotExist();
        for (String node : List.of("n1", "n2", "n4")) {
            assertThat(Files.readString(cluster.resolve(node + "/log"))).endsWith(node + " has stopped\n");
            assertThat(cluster.resolve(node + "/control.socket")).doesNotExist();
        }
    }

    /** The same port for the same number of the document. */
    private static String withFreePorts(String script) {
        Map<String, String> ports = new HashMap<>();
        Matcher port = PORT.matcher(script);
        return port.replaceAll(
                found -> ports.computeIfAbsent(found.group(), documented -> Integer.toString(FreePorts.next())));
    }

    @Test
    void theJarCarriesWhatItBundlesWithItsLicences() throws Exception {
        try (JarFile jar = new JarFile(jar("-cli.jar").toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("io.filereplication.cli.Main");
            assertThat(services(jar, "org.apache.ratis.metrics.MetricRegistries"))
                    .endsWith("org.apache.ratis.metrics.impl.MetricRegistriesImpl");
            assertThat(services(jar, "org.slf4j.spi.SLF4JServiceProvider"))
                    .isEqualTo("org.slf4j.simple.SimpleServiceProvider");
            for (String bundled : List.of("ratis-server", "ratis-thirdparty-misc")) {
                assertThat(jar.stream().map(entry -> entry.getName()))
                        .contains("META-INF/licenses/" + bundled + "/META-INF/LICENSE")
                        .contains("META-INF/licenses/" + bundled + "/META-INF/NOTICE");
            }
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .contains(
                            "META-INF/LICENSE",
                            "META-INF/licenses/progressbar/LICENSE",
                            "META-INF/licenses/jline/LICENSE")
                    .noneMatch(name -> name.startsWith("META-INF/") && name.endsWith(".SF"));
        }
    }

    @Test
    void theOrdinaryJarIsFreeOfTheCommandLine() throws Exception {
        try (JarFile jar = new JarFile(jar(".jar").toFile())) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .noneMatch(name -> name.startsWith("io/filereplication/cli/"))
                    .anyMatch(name -> name.startsWith("io/filereplication/plugin/"));
        }
    }

    private static String services(JarFile jar, String service) throws IOException {
        return new String(
                        jar.getInputStream(jar.getEntry("META-INF/services/" + service))
                                .readAllBytes(),
                        StandardCharsets.UTF_8)
                .strip();
    }

    private static Path jar(String ending) throws IOException {
        Pattern name = Pattern.compile("ratis-manifest-[0-9.]+(-SNAPSHOT)?" + Pattern.quote(ending));
        try (Stream<Path> files = Files.list(Documents.root().resolve("ratis-manifest/target"))) {
            return files.filter(
                            file -> name.matcher(file.getFileName().toString()).matches())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("There is no " + ending + ": mvn package makes it"));
        }
    }
}
