package io.filereplication.cluster;

import io.filereplication.plugin.FileReplicationConfigKeys;
import io.filereplication.plugin.FileReplicationNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;

/**
 * One of two nodes that listen on addresses of their own, also as a process; that ends with its standard input. Arguments:
 * number, directory, group id, and the first three bytes of the addresses.
 */
public final class NamespacedNode {
    private NamespacedNode() {}

    public static void main(String[] args) throws Exception {
        try (FileReplicationNode node = build(
                Integer.parseInt(args[0]), Path.of(args[1]), RaftGroupId.valueOf(UUID.fromString(args[2])), args[3])) {
            node.start();
            while (System.in.read() >= 0) {
                // Until the one who started it goes.
            }
        }
    }

    static FileReplicationNode build(int number, Path directory, RaftGroupId group, String network) throws IOException {
        RaftProperties properties = TestCluster.properties();
        FileReplicationConfigKeys.setInsecureNetwork(properties, true);
        Path home = directory.resolve("n" + number);
        return FileReplicationNode.newBuilder()
                .setPeer(peer(number, network))
                .setGroup(RaftGroup.valueOf(group, peer(1, network), peer(2, network)))
                .setStorageRoot(home.resolve("files"))
                .setRaftDirectory(home.resolve("raft"))
                .setSecrets(TestCluster.secrets())
                .setProperties(properties)
                .build();
    }

    /** The namespaces and their addresses are this test's alone, so the ports may be what they like. */
    private static RaftPeer peer(int number, String network) {
        return RaftPeer.newBuilder()
                .setId("n" + number)
                .setAddress(network + "." + number + ":7001")
                .setDataStreamAddress(network + "." + number + ":7002")
                .build();
    }
}
