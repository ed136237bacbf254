package io.filereplication.cluster;

import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.OverheardKeys;
import io.filereplication.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A process of its own, so that everything can be logged: two nodes replicate, a third has another secret, the secret rotates.
 * Arguments: a directory. Leaves there for each node, as lines of hexadecimal, every key that it or whoever talked to it derived
 * from a secret, whichever they had, when it was the server.
 */
public final class TracedNodes {
    static final String OLD = "5ec4e7".repeat(11) + "01";
    static final String NEW = "0f1e2d".repeat(11) + "02";
    static final String WRONG = "77".repeat(32);

    private TracedNodes() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        try (TestCluster cluster = new TestCluster(directory, 3);
                FaultyProxy first = new FaultyProxy(cluster.peer(1).getDataStreamAddress());
                FaultyProxy second = new FaultyProxy(cluster.peer(2).getDataStreamAddress());
                FaultyProxy third = new FaultyProxy(cluster.peer(3).getDataStreamAddress())) {
            List<FaultyProxy> proxies = List.of(first, second, third);
            for (int i = 1; i <= 3; i++) {
                cluster.advertise(i, proxies.get(i - 1).address());
                Path file = write(directory.resolve("secrets" + i), "old:" + (i == 3 ? WRONG : OLD));
                ClusterSecrets secrets = ClusterSecrets.fromFile(file);
                cluster.customize(i, node -> node.setSecrets(secrets));
            }
            cluster.start();
            put(cluster, 1, "before");
            cluster.put(3, "nobody-gets-this", new byte[1]);
            await().atMost(TestCluster.PATIENCE)
                    .until(() -> cluster.node(3).fileServer().stats().authFailure() > 0);
            int files = 0;
            for (String text : List.of("old:" + OLD + "\nnew:" + NEW, "new:" + NEW + "\nold:" + OLD, "old:short")) {
                for (int i = 1; i <= 2; i++) {
                    write(directory.resolve("secrets" + i), text);
                }
                long until = System.nanoTime() + 1_500_000_000L;
                while (System.nanoTime() < until) {
                    files++;
                    put(cluster, 1 + files % 2, "file" + files);
                }
            }
            GroupId group = new GroupId(cluster.group().getGroupId().getUuid());
            for (int i = 1; i <= 3; i++) {
                Files.write(
                        directory.resolve("keys" + i),
                        keys(group, NodeId.of("n" + i), proxies.get(i - 1)),
                        StandardCharsets.US_ASCII);
            }
        }
    }

    /** Everything derived from each secret out of what {@code proxy} has heard between {@code server} and whoever asked it. */
    private static List<String> keys(GroupId group, NodeId server, FaultyProxy proxy) throws WireException {
        ClusterSecrets right = ClusterSecrets.of("old", HexFormat.of().parseHex(OLD))
                .accepting("new", HexFormat.of().parseHex(NEW));
        ClusterSecrets wrong = ClusterSecrets.of("old", HexFormat.of().parseHex(WRONG));
        List<String> keys = new ArrayList<>();
        for (ClusterSecrets secrets : List.of(right, wrong)) {
            OverheardKeys.of(
                            secrets,
                            new Credentials(secrets, "", group, server),
                            proxy.heardFromClients(),
                            proxy.heardFromServer())
                    .forEach(key -> keys.add(HexFormat.of().formatHex(key)));
        }
        return keys;
    }

    /** On the first or the second node, and waits until the other has it. */
    private static void put(TestCluster cluster, int node, String path) throws Exception {
        cluster.put(node, path, path.getBytes(StandardCharsets.UTF_8));
        cluster.node(3 - node)
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
