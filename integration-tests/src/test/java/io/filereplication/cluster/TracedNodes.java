package io.filereplication.cluster;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.OverheardKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process of its own, so that everything can be logged: two nodes replicate, a third has another secret, the secret rotates.
 * Arguments: a directory. Leaves there, as lines of hexadecimal, every key that was derived from the secret.
 */
public final class TracedNodes {
    static final String OLD = "5ec4e7".repeat(11) + "01";
    static final String NEW = "0f1e2d".repeat(11) + "02";
    private static final String WRONG = "77".repeat(32);

    private TracedNodes() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Map<String, byte[]> expected = new TreeMap<>();
        try (TestCluster cluster = new TestCluster(directory, 3);
                FaultyProxy proxy = new FaultyProxy(cluster.peer(1).getDataStreamAddress())) {
            cluster.advertise(1, proxy.address());
            for (int i = 1; i <= 3; i++) {
                Path file = write(directory.resolve("secrets" + i), "old:" + (i == 3 ? WRONG : OLD));
                ClusterSecrets secrets = ClusterSecrets.fromFile(file);
                cluster.customize(i, node -> node.setSecrets(secrets));
            }
            cluster.start();
            put(cluster, expected, "before");
            for (String text : List.of("old:" + OLD + "\nnew:" + NEW, "new:" + NEW + "\nold:" + OLD, "old:short")) {
                for (int i = 1; i <= 2; i++) {
                    write(directory.resolve("secrets" + i), text);
                }
                long until = System.nanoTime() + 1_500_000_000L;
                while (System.nanoTime() < until) {
                    put(cluster, expected, "file" + expected.size());
                }
            }
            ClusterSecrets both = ClusterSecrets.of("old", HexFormat.of().parseHex(OLD))
                    .accepting("new", HexFormat.of().parseHex(NEW));
            Credentials server = new Credentials(
                    both, "", new GroupId(cluster.group().getGroupId().getUuid()), NodeId.of("n1"));
            List<String> keys =
                    OverheardKeys.of(both, server, proxy.heardFromClients(), proxy.heardFromServer()).stream()
                            .map(HexFormat.of()::formatHex)
                            .toList();
            Files.write(directory.resolve("keys"), keys, StandardCharsets.US_ASCII);
        }
    }

    /** On the first node, and waits until the second has it. */
    private static void put(TestCluster cluster, Map<String, byte[]> expected, String path) throws Exception {
        byte[] content = path.getBytes(StandardCharsets.UTF_8);
        expected.put(path, content);
        cluster.put(1, path, content);
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of(path), TestCluster.PATIENCE)
                .join();
    }

    private static Path write(Path file, String text) throws Exception {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text, StandardCharsets.US_ASCII);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        return Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
