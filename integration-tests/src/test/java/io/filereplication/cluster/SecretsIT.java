package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Secrets over the life of a cluster: they change without anybody noticing, and they are never shown. */
class SecretsIT {
    private static final int ROTATIONS = 10;
    private static final int FILES = 1_000;
    private static final int AT_ONCE = 10;

    @TempDir
    Path directory;

    private final Random random = new Random(11);
    private final Map<String, byte[]> expected = new TreeMap<>();

    /**
     * Lesson 26: the three steps of each rotation, thirty in all, with another node a step behind the others each time, while
     * files keep coming from all of them.
     */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void tenRotationsWhileAThousandFilesReplicateCauseNotOneAuthenticationFailure() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            List<List<String>> steps = steps();
            for (int i = 1; i <= 3; i++) {
                write(i, steps.get(0));
                ClusterSecrets ofNode = ClusterSecrets.fromFile(secretsFile(i));
                cluster.customize(i, node -> node.setSecrets(ofNode));
            }
            cluster.start();
            for (int step = 1; step < steps.size(); step++) {
                int behind = 1 + step % 3;
                for (int i = 1; i <= 3; i++) {
                    if (i != behind) {
                        write(i, steps.get(step));
                    }
                }
                replicateUntilSeen(cluster, steps.get(step), behind);
                write(behind, steps.get(step));
                replicateUntilSeen(cluster, steps.get(step), 0);
            }
            while (expected.size() < FILES) {
                put(cluster);
            }
            cluster.assertConverged(expected);

            for (int i = 1; i <= 3; i++) {
                assertThat(cluster.node(i).stats().authFailure()).isZero();
                assertThat(cluster.node(i).stats().failed()).isZero();
                assertThat(cluster.node(i).fileServer().stats().authFailures()).isEmpty();
                assertThat(cluster.node(i).secretIds()).containsExactly("k" + ROTATIONS);
            }
        }
    }

    /** Add the new one behind the old one, put it first, take the old one away; and so on. */
    private static List<List<String>> steps() {
        List<List<String>> steps = new ArrayList<>(List.of(List.of("k0")));
        for (int i = 0; i < ROTATIONS; i++) {
            steps.add(List.of("k" + i, "k" + (i + 1)));
            steps.add(List.of("k" + (i + 1), "k" + i));
            steps.add(List.of("k" + (i + 1)));
        }
        return steps;
    }

    /** Files keep coming until every node but {@code behind} uses the secrets of {@code step}. */
    private void replicateUntilSeen(TestCluster cluster, List<String> step, int behind) throws Exception {
        while (!isSeen(cluster, step, behind)) {
            put(cluster);
        }
    }

    private static boolean isSeen(TestCluster cluster, List<String> step, int behind) {
        return IntStream.rangeClosed(1, 3)
                .filter(i -> i != behind)
                .allMatch(i -> cluster.node(i).secretIds().equals(step));
    }

    /** Some at once on one node, the next time on another; returns when the last of them is everywhere. */
    private void put(TestCluster cluster) throws Exception {
        int node = 1 + expected.size() / AT_ONCE % 3;
        List<CompletableFuture<FileEntry>> puts = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            byte[] content = new byte[500 + random.nextInt(2_000)];
            random.nextBytes(content);
            String path = "d" + i + "/file" + expected.size();
            Path source = Files.write(directory.resolve("source" + i), content);
            puts.add(cluster.node(node).files().putAsync(FilePath.of(path), source, Attributes.NONE));
            expected.put(path, content);
        }
        FilePath last = puts.get(0).join().path();
        for (CompletableFuture<FileEntry> put : puts) {
            last = put.join().path();
        }
        for (int i = 1; i <= 3; i++) {
            cluster.node(i).files().awaitLocal(last, TestCluster.PATIENCE).join();
        }
    }

    private Path secretsFile(int node) {
        return directory.resolve("secrets" + node);
    }

    /** Puts a whole new file in the place of the one before, as an operator should. */
    private void write(int node, List<String> ids) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String id : ids) {
            String byteOfItsOwn = String.format(Locale.ROOT, "%02x", 7 + Integer.parseInt(id.substring(1)));
            lines.append(id).append(':').append(byteOfItsOwn.repeat(32)).append('\n');
        }
        Path next = directory.resolve("next" + node);
        Files.writeString(next, lines, StandardCharsets.US_ASCII);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, secretsFile(node), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Everything that can be logged is logged, by us and by Ratis, while files replicate, are refused, and secrets rotate. */
    @Test
    void neitherASecretNorAKeyMadeOfItIsEverLogged() throws Exception {
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-Dorg.slf4j.simpleLogger.log.io.filereplication=trace",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TracedNodes.class.getName(),
                        directory.toString(),
                        log.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String logged = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue()).as(tail(logged)).isZero();
        assertThat(logged)
                .contains("TRACE")
                .contains("somebody without proof was refused")
                .contains(": the secrets in")
                .contains("stay in use");

        List<String> secret = new ArrayList<>(List.of(TracedNodes.OLD, TracedNodes.NEW, TracedNodes.WRONG));
        for (int i = 1; i <= 3; i++) {
            List<String> keys = Files.readAllLines(directory.resolve("keys" + i), StandardCharsets.US_ASCII);
            // At the third only hellos are tried, each with the secret of either side.
            assertThat(keys)
                    .as("two handshakes with node %s at least, of eight keys each", i)
                    .hasSizeGreaterThanOrEqualTo(i == 3 ? 2 : 16);
            secret.addAll(keys);
        }
        String lowerCase = logged.toLowerCase(Locale.ROOT);
        for (String hex : secret) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(bytes);
            assertThat(lowerCase.contains(hex)).as("hexadecimal").isFalse();
            assertThat(logged.contains(base64.substring(0, 40))).as("Base64").isFalse();
            assertThat(logged.contains(base64.substring(0, 40).replace('+', '-').replace('/', '_')))
                    .as("Base64 for URLs")
                    .isFalse();
            assertThat(logged.contains(new String(bytes, StandardCharsets.ISO_8859_1)))
                    .as("raw")
                    .isFalse();
            String list = Arrays.toString(bytes);
            assertThat(logged.contains(list.substring(1, list.length() - 1)))
                    .as("as numbers")
                    .isFalse();
        }
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 4_000));
    }
}
