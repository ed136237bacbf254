package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.plugin.FileReplicationNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftGroupId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cable that is pulled in the middle of a file: two nodes in network namespaces joined by a virtual Ethernet. Needs root and
 * {@code ip}; without them there is nothing to test.
 */
class NetworkNamespaceIT {
    private static final int MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private final Random random = new Random();
    private final String name = String.format(Locale.ROOT, "%06x", random.nextInt(1 << 24));
    private final String namespace = "frep" + name;
    private final String here = "fra" + name;
    private final String there = "frb" + name;
    private final String network = "10.231." + random.nextInt(256);

    @BeforeEach
    void joinTwoNamespaces() throws Exception {
        assumeTrue(ip("netns", "add", namespace), "network namespaces can be made: root, and ip");
        assertThat(ip("link", "add", here, "type", "veth", "peer", "name", there))
                .isTrue();
        assertThat(ip("link", "set", there, "netns", namespace)).isTrue();
        assertThat(ip("addr", "add", network + ".1/24", "dev", here)).isTrue();
        assertThat(ip("link", "set", here, "up")).isTrue();
        assertThat(ip("netns", "exec", namespace, "ip", "addr", "add", network + ".2/24", "dev", there))
                .isTrue();
        assertThat(ip("netns", "exec", namespace, "ip", "link", "set", there, "up"))
                .isTrue();
    }

    @AfterEach
    void takeThemApart() throws Exception {
        ip("link", "del", here);
        ip("netns", "del", namespace);
    }

    private static boolean ip(String... arguments) throws InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    @Test
    void aFileArrivesWholeAfterTheCableWasPulledInTheMiddleOfIt() throws Exception {
        RaftGroupId group = RaftGroupId.valueOf(UUID.randomUUID());
        Process second = startSecond(group);
        try (FileReplicationNode first = NamespacedNode.build(1, directory, group, network)) {
            first.start();
            put(first, "before", new byte[100]);
            awaitOnSecond("before", new byte[100]);
            first.outgoing().limitNode(OptionalLong.of(8 * MIB));
            byte[] content = new byte[48 * MIB];
            random.nextBytes(content);
            put(first, "large", content);
            await().atMost(PATIENCE).until(() -> first.fileServer().stats().bytes() > 12 * MIB);

            // Half a minute's worth is left, so that something is on its way and the end is not, whenever the cable is
            // pulled.
            first.outgoing().limitNode(OptionalLong.of(MIB));
            assertThat(ip("link", "set", here, "down")).isTrue();
            await("the nodes have lost each other")
                    .atMost(PATIENCE)
                    .until(() -> first.server().getDivision(group).getInfo().getLeaderId() == null);
            assertThat(directory.resolve("n2/files/large")).doesNotExist();
            assertThat(ip("link", "set", here, "up")).isTrue();
            first.outgoing().limitNode(OptionalLong.empty());

            awaitOnSecond("large", content);
            assertThat(first.fileServer().stats().authFailures()).isEmpty();
            await().atMost(PATIENCE).until(() -> first.serveUsage().transfers() == 0);
        } finally {
            second.getOutputStream().close();
            if (!second.waitFor(20, TimeUnit.SECONDS)) {
                second.destroyForcibly();
            }
        }
    }

    private Process startSecond(RaftGroupId group) throws IOException {
        return new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        namespace,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NamespacedNode.class.getName(),
                        "2",
                        directory.toString(),
                        group.getUuid().toString(),
                        network)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log2").toFile())
                .start();
    }

    private void put(FileReplicationNode node, String path, byte[] content) throws Exception {
        Path source = Files.write(directory.resolve("source"), content);
        node.files().put(FilePath.of(path), source, Attributes.NONE);
    }

    /** Whole at the first sight of it: a published name is never given to less. */
    private void awaitOnSecond(String path, byte[] content) throws IOException {
        Path file = directory.resolve("n2/files").resolve(path);
        await("the second node has " + path)
                .atMost(PATIENCE)
                .failFast(() -> assertThat(Files.readString(directory.resolve("log2"), StandardCharsets.UTF_8))
                        .doesNotContain("Exception in thread \"main\""))
                .until(() -> Files.exists(file));
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }
}
