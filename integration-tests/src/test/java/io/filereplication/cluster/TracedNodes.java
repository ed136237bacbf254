package io.filereplication.cluster;

import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.OverheardKeys;
import io.filereplication.wire.WireException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * A process of its own, so that everything can be logged: two nodes replicate, a third has another secret, the secret rotates.
 * Arguments: a directory, and the file that its log goes to. Leaves in the directory for each node, as lines of hexadecimal, every key that it or whoever talked to it derived
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
            rotate(cluster, directory, "old:" + OLD + "\nnew:" + NEW, () -> haveSeen(cluster, List.of("old", "new")));
            rotate(cluster, directory, "new:" + NEW + "\nold:" + OLD, () -> haveSeen(cluster, List.of("new", "old")));
            try (InputStream log = Files.newInputStream(Path.of(args[1]))) {
                rotate(cluster, directory, "old:short", new Refusals(log)::areOfBoth);
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

    /** Gives {@code text} to the two nodes, and has files replicate until they have {@code seen} it and once more. */
    private static void rotate(TestCluster cluster, Path directory, String text, Callable<Boolean> seen)
            throws Exception {
        for (int i = 1; i <= 2; i++) {
            write(directory.resolve("secrets" + i), text);
        }
        long until = System.nanoTime() + TestCluster.PATIENCE.toNanos();
        for (boolean over = false; !over; ) {
            over = seen.call();
            if (!over && System.nanoTime() > until) {
                throw new IllegalStateException("The nodes have not looked at their secrets");
            }
            long number = cluster.node(1).manifest().count();
            put(cluster, number % 2 == 0 ? 1 : 2, "file" + number);
        }
    }

    private static boolean haveSeen(TestCluster cluster, List<String> ids) {
        return cluster.node(1).secretIds().equals(ids)
                && cluster.node(2).secretIds().equals(ids);
    }

    /** What this process has logged, read on from where the last look ended. */
    private static final class Refusals {
        private static final int LONGEST_SENTENCE = 100;

        private final InputStream log;
        private final Set<String> nodes = new HashSet<>();
        private String last = "";

        Refusals(InputStream log) {
            this.log = log;
        }

        /** Whether both have said that they do not take what is in their files. */
        boolean areOfBoth() throws IOException {
            String text = last + new String(log.readAllBytes(), StandardCharsets.ISO_8859_1);
            for (String node : List.of("n1", "n2")) {
                if (text.contains(node + ": the secrets read before stay in use")) {
                    nodes.add(node);
                }
            }
            last = text.substring(Math.max(0, text.length() - LONGEST_SENTENCE));
            return nodes.size() == 2;
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
