package io.filereplication.benchmark;

import io.filereplication.plugin.FileReplicationConfigKeys;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.wire.ClusterSecrets;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.TimeDuration;

/**
 * A node in a process of its own: {@code NodeMain DIRECTORY SECRET SELF PEER...}, a peer being {@code id,raft-port,stream-port}.
 * Without peers it waits to be added to the group. It does what {@link NodeCommands} says, until standard input ends.
 */
final class NodeMain {
    static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(7, 7));

    private NodeMain() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Path directory = Path.of(args[0]);
        List<RaftPeer> founders = new ArrayList<>();
        for (String founder : List.of(args).subList(3, args.length)) {
            founders.add(peer(founder));
        }
        PublishedFiles published = new PublishedFiles();
        try (MemoryPeaks memory = new MemoryPeaks();
                FileReplicationNode node = FileReplicationNode.newBuilder()
                        .setPeer(peer(args[2]))
                        .setGroup(RaftGroup.valueOf(GROUP, founders))
                        .setStorageRoot(directory.resolve("files"))
                        .setRaftDirectory(directory.resolve("raft"))
                        .setSecrets(ClusterSecrets.fromFile(Path.of(args[1])))
                        .setProperties(properties())
                        .setEvents(published)
                        .build()) {
            NodeCommands commands = new NodeCommands(node, directory.resolve("files"), published, memory);
            node.start();
            ChildProcess.serve(answers, commands::answer);
        }
        System.exit(0);
    }

    static RaftPeer peer(String text) {
        String[] parts = text.split(",", -1);
        return RaftPeer.newBuilder()
                .setId(parts[0])
                .setAddress("127.0.0.1:" + parts[1])
                .setDataStreamAddress("127.0.0.1:" + parts[2])
                .build();
    }

    /** What nodes, and what they are compared with, have in common. */
    static RaftProperties properties() {
        RaftProperties properties = new RaftProperties();
        // All nodes, and what they are compared with, share the processors.
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(4, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                properties, TimeDuration.valueOf(300, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                properties, TimeDuration.valueOf(900, TimeUnit.MILLISECONDS));
        // What a run leaves is deleted before the next one, soon and not by way of the trash.
        FileReplicationConfigKeys.Pull.setDeleteGrace(properties, TimeDuration.valueOf(200, TimeUnit.MILLISECONDS));
        FileReplicationConfigKeys.Pull.setRemovalBulkFiles(properties, Integer.MAX_VALUE);
        FileReplicationConfigKeys.Pull.setRemovalBulkShare(properties, 1);
        return properties;
    }
}
