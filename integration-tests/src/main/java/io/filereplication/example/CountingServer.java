package io.filereplication.example;

import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.plugin.FileReplicationPlugin;
import io.filereplication.plugin.GroupSettings;
import io.filereplication.storage.StorageException;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.NetUtils;
import org.apache.ratis.util.TimeDuration;

/**
 * A Ratis server that counts in one group, with its own state machine, and replicates files in others, with the plugin's.
 * Groups of files come and go while it runs.
 *
 * <p>Thread-safe.
 */
public final class CountingServer implements AutoCloseable {
    private final RaftPeer self;
    private final RaftGroup counters;
    private final Path directory;
    private final RaftProperties properties;
    private final CounterStateMachine counter = new CounterStateMachine();
    private final FileReplicationPlugin plugin;
    private final RaftServer server;

    /**
     * Opens the server's storage below {@code directory}.
     *
     * @param counters the group that counts, with its members
     * @param files the groups of files that were added before, on an earlier start
     */
    public CountingServer(
            RaftPeer self, RaftGroup counters, List<RaftGroupId> files, Path directory, ClusterSecrets secrets)
            throws IOException, StorageException {
        this.self = self;
        this.counters = counters;
        this.directory = directory;
        this.properties = properties(self, directory.resolve("raft"));
        Parameters parameters = new Parameters();
        FileReplicationPlugin.Builder builder = FileReplicationPlugin.newBuilder()
                .setServerId(NodeId.of(self.getId().toString()))
                .setProperties(properties)
                .setParameters(parameters)
                .setSecrets(secrets);
        files.forEach(group -> builder.addGroup(settings(group)));
        plugin = builder.build();
        RaftServer built = null;
        try {
            built = RaftServer.newBuilder()
                    .setServerId(self.getId())
                    .setGroup(counters)
                    .setProperties(properties)
                    .setParameters(parameters)
                    .setStateMachineRegistry(plugin.registry(group -> counter))
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .build();
        } finally {
            if (built == null) {
                plugin.close();
            }
        }
        server = built;
    }

    private static RaftProperties properties(RaftPeer self, Path raftDirectory) {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(properties, List.of(raftDirectory.toFile()));
        GrpcConfigKeys.Server.setHost(properties, "127.0.0.1");
        GrpcConfigKeys.Server.setPort(
                properties, NetUtils.createSocketAddr(self.getAddress()).getPort());
        NettyConfigKeys.DataStream.setHost(properties, "127.0.0.1");
        NettyConfigKeys.DataStream.setPort(
                properties,
                NetUtils.createSocketAddr(self.getDataStreamAddress()).getPort());
        // Ratis' own election timeout, 150 to 300 ms, is short for a machine that does something else too.
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        // By default Ratis never takes a snapshot and never purges its log.
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        return properties;
    }

    private GroupSettings settings(RaftGroupId group) {
        return GroupSettings.of(group, directory.resolve("files-" + group.getUuid()));
    }

    /** Starts the server, and file replication in the groups that it has already. */
    public void start() throws IOException {
        server.start();
        plugin.start(server);
    }

    /** From now on this server replicates the files of {@code group}; each of its members does this. */
    public void addFiles(RaftGroup group) throws IOException, StorageException {
        plugin.addGroup(settings(group.getGroupId()));
        boolean added = false;
        try {
            added = server.groupManagement(GroupManagementRequest.newAdd(
                            ClientId.randomId(), server.getId(), CallId.getAndIncrement(), group, false))
                    .isSuccess();
        } finally {
            if (!added) {
                plugin.removeGroup(group.getGroupId());
            }
        }
    }

    /** From now on this server has nothing to do with {@code group}; the files that it has stay where they are. */
    public void removeFiles(RaftGroupId group) throws IOException {
        RaftClientReply reply = server.groupManagement(GroupManagementRequest.newRemove(
                ClientId.randomId(), server.getId(), CallId.getAndIncrement(), group, true, false));
        if (!reply.isSuccess()) {
            throw new IOException("Group " + group + " was not removed", reply.getException());
        }
    }

    /** The files of {@code group} as seen from here. */
    public FileReplication files(RaftGroupId group) {
        return plugin.files(group);
    }

    /** Counts one, whoever leads, and answers how many there are. */
    public long count() throws IOException {
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(counters)
                .setProperties(properties)
                .build()) {
            RaftClientReply reply = client.io().send(Message.valueOf("count"));
            return Long.parseLong(reply.getMessage().getContent().toStringUtf8());
        }
    }

    /** How many this server has counted. */
    public long counted() {
        return counter.counter();
    }

    /** Where the files of {@code group} lie. */
    public Path storageRoot(RaftGroupId group) {
        return settings(group).storageRoot();
    }

    public RaftPeer self() {
        return self;
    }

    public FileReplicationPlugin plugin() {
        return plugin;
    }

    public RaftServer server() {
        return server;
    }

    /** Idempotent. The order does not matter. */
    @Override
    public void close() throws IOException {
        plugin.close();
        server.close();
    }
}
