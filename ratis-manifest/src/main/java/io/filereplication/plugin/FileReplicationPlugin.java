package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.pull.Puller;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.status.Members;
import io.filereplication.storage.StorageException;
import io.filereplication.stream.DataStreamServing;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.util.NetUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * File replication inside a Ratis server that the application builds itself:
 *
 * <pre>{@code
 * FileReplicationPlugin plugin = FileReplicationPlugin.newBuilder()
 *         .setServerId(id).setProperties(properties).setParameters(parameters).setSecrets(secrets)
 *         .addGroup(GroupSettings.of(groupId, storageRoot))
 *         .build();
 * RaftServer server = RaftServer.newBuilder()
 *         .setServerId(...).setGroup(...).setProperties(properties).setParameters(parameters)
 *         .setStateMachineRegistry(plugin.registry(applicationsOwn))
 *         .setOption(RaftStorage.StartupOption.RECOVER)
 *         .build();
 * server.start();
 * plugin.start(server);
 * }</pre>
 *
 * <p>Building checks every setting, opens each group's storage, and puts the serving side into the parameters, which is why it
 * comes before the server is built. Closing may come before or after the server's.
 *
 * <p>Thread-safe.
 */
public final class FileReplicationPlugin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileReplicationPlugin.class);

    private final ReplicatedGroups groups;
    private final NodeLimits limits;
    private final Parameters parameters;

    private FileReplicationPlugin(ReplicatedGroups groups, NodeLimits limits, Parameters parameters) {
        this.groups = groups;
        this.limits = limits;
        this.parameters = parameters;
    }

    public static Builder newBuilder() {
        return new Builder();
    }

    /** State machines for the groups of this plugin, and {@code others}' for all other groups. */
    public StateMachine.Registry registry(StateMachine.Registry others) {
        return group -> {
            GroupReplication replication = groups.find(group);
            return replication != null ? replication.stateMachine() : others.apply(group);
        };
    }

    /** State machines for the groups of this plugin; a server that is asked for another group refuses it. */
    public StateMachine.Registry registry() {
        return registry(group -> {
            throw new IllegalArgumentException("No files are replicated in group " + group + ": add it to the plugin");
        });
    }

    /**
     * One more group of a running server, before the server is told to serve it ({@code GroupManagementApi.add}): the server
     * asks the registry for its state machine. Serving and pulling begin when the server has loaded it. When the server
     * removes the group, they end, peers are refused, and its storage is closed; its files stay where they are.
     *
     * <p>Blocks while the storage is opened, and while a group of the same id that was removed is being closed.
     *
     * @throws IllegalArgumentException when the group is there already or a setting is refused
     * @throws IllegalStateException when the plugin is closed
     * @throws StorageException when the storage root could not keep its promises
     */
    public void addGroup(GroupSettings settings) throws StorageException {
        groups.add(settings);
    }

    /**
     * Ends file replication of a group and waits until its storage is closed; nothing happens when it is not there. For a
     * group that the server was never told of: one that the server removes ends by itself.
     */
    public void removeGroup(RaftGroupId group) {
        groups.remove(group);
    }

    /**
     * Begins to serve and to pull in each group as the server serves it. {@code server} was built with this plugin's registry
     * and parameters; it is started before or after. Warns once when it listens beyond loopback without mutual TLS.
     */
    public void start(RaftServer server) {
        Objects.requireNonNull(server, "server");
        List<String> exposed = NodeChecks.exposed(listening(server), server.getProperties(), parameters);
        warnOf(exposed, server);
        groups.serverStarted(server, !exposed.isEmpty());
    }

    /** The server names the wildcard address even where its gRPC port is bound to one host. */
    private static RaftPeer listening(RaftServer server) {
        RaftPeer named = server.getPeer();
        String host = GrpcConfigKeys.Server.host(server.getProperties());
        if (host == null || host.isEmpty()) {
            return named;
        }
        int port = NetUtils.createSocketAddr(named.getAddress()).getPort();
        return RaftPeer.newBuilder(named)
                .setAddress(new InetSocketAddress(host, port))
                .build();
    }

    private static void warnOf(List<String> exposed, RaftServer server) {
        if (!exposed.isEmpty() && !NodeChecks.isNetworkTrusted(server.getProperties())) {
            LOG.warn(
                    "{}: listens at {} without mutual TLS: files are sent unencrypted, and Raft's own ports are open to anybody. "
                            + "Set TlsConf in the Parameters, or {} if the network is trusted",
                    server.getId(),
                    exposed,
                    FileReplicationConfigKeys.INSECURE_NETWORK_KEY);
        }
    }

    /** One group, for whoever operates it; throws {@link IllegalArgumentException} for one that is not this plugin's. */
    public ReplicatedGroup group(RaftGroupId group) {
        return replication(group).handle();
    }

    /** The files of {@code group}; throws {@link IllegalArgumentException} for a group that is not this plugin's. */
    public FileReplication files(RaftGroupId group) {
        return replication(group).files();
    }

    /** The puller of {@code group}: its statistics, its readiness, and {@code runCatchUp}, {@code pause}, {@code resume}. */
    public Puller puller(RaftGroupId group) {
        return replication(group).puller();
    }

    /** What answers the peers of {@code group}: its statistics, {@code pause} and {@code resume}. */
    public FileServer fileServer(RaftGroupId group) {
        return replication(group).fileServer();
    }

    /** What serving takes of this server now, over all groups. */
    public ServeCapacity.Usage serveUsage() {
        return limits.capacity().usage();
    }

    /** Limits what this server receives from peers, over all groups; they may be changed at any time. */
    public BandwidthLimits<NodeId> incoming() {
        return limits.incoming();
    }

    /** Limits what this server sends to peers, over all groups; they may be changed at any time. */
    public BandwidthLimits<NodeId> outgoing() {
        return limits.outgoing();
    }

    /** The ids of the secrets that this node uses now, the primary first: a step of a rotation is done where they are the new ones. */
    public List<String> secretIds() {
        return limits.secrets().ids();
    }

    /** What this node and the other members of {@code group} say of themselves. */
    public Members members(RaftGroupId group) {
        return replication(group).members();
    }

    /** The state machine of {@code group}. */
    public ManifestStateMachine stateMachine(RaftGroupId group) {
        return replication(group).stateMachine();
    }

    /** The metrics of {@code group}, which are also in Ratis's registries once the plugin has been started. */
    public GroupMetrics metrics(RaftGroupId group) {
        return replication(group).metrics();
    }

    GroupReplication replication(RaftGroupId group) {
        GroupReplication replication = groups.find(group);
        if (replication == null) {
            throw new IllegalArgumentException("Group " + group + " was not added to the plugin");
        }
        return replication;
    }

    /** Ends serving and pulling and closes the storage; staged bytes stay for the next start. Idempotent. */
    @Override
    public void close() {
        groups.close();
        limits.close();
    }

    /** Collects and checks settings. Not thread-safe. */
    public static final class Builder {
        private final List<GroupSettings> groups = new ArrayList<>();
        private @Nullable NodeId serverId;
        private @Nullable ClusterSecrets secrets;
        private @Nullable RaftProperties properties;
        private @Nullable Parameters parameters;
        private String clusterName = "";

        private Builder() {}

        /** The server's peer id. */
        public Builder setServerId(NodeId id) {
            serverId = Objects.requireNonNull(id, "serverId");
            return this;
        }

        /** The secret that all members share; there is no mode without one. */
        public Builder setSecrets(ClusterSecrets shared) {
            secrets = Objects.requireNonNull(shared, "secrets");
            return this;
        }

        /** Tells clusters apart that were given the same secret; empty by default. */
        public Builder setClusterName(String name) {
            clusterName = Objects.requireNonNull(name, "clusterName");
            return this;
        }

        /** The properties that the server is built with; the data stream must not be disabled in them. */
        public Builder setProperties(RaftProperties same) {
            properties = Objects.requireNonNull(same, "properties");
            return this;
        }

        /** The parameters that the server is built with. A data stream resolver that is in them goes on serving its own. */
        public Builder setParameters(Parameters same) {
            parameters = Objects.requireNonNull(same, "parameters");
            return this;
        }

        /** One more group whose files are replicated. */
        public Builder addGroup(GroupSettings group) {
            groups.add(Objects.requireNonNull(group, "group"));
            return this;
        }

        /**
         * Checks everything, opens the storage of each group and installs the serving side.
         *
         * @throws IllegalArgumentException when a part is missing or a setting is refused
         * @throws StorageException when a storage root could not keep its promises
         */
        public FileReplicationPlugin build() throws StorageException {
            NodeId self = given("the server's id: setServerId", serverId);
            RaftProperties ofServer = given("the server's properties: setProperties", properties);
            Parameters installedIn = given("the server's parameters: setParameters", parameters);
            ClusterSecrets shared = given("a secret: setSecrets(ClusterSecrets.fromFile(...))", secrets)
                    .forNode(self);
            NodeChecks.dataStream(ofServer);
            ReplicationSettings numbers =
                    new ReplicationSettings(self, ofServer, line -> LOG.info("{}: {}", self, line));
            NodeLimits limits = new NodeLimits(self, numbers, shared);
            DataStreamServing serving = new DataStreamServing(
                    RaftServerConfigKeys.DataStream.serverApiResolver(installedIn), limits.capacity());
            ReplicatedGroups opened = new ReplicatedGroups(
                    new GroupReplication.Environment(self, shared, clusterName, ofServer, installedIn, numbers, limits),
                    serving);
            boolean whole = false;
            try {
                for (GroupSettings settings : groups) {
                    opened.add(settings);
                }
                RaftServerConfigKeys.DataStream.setServerApiResolver(installedIn, serving);
                whole = true;
                return new FileReplicationPlugin(opened, limits, installedIn);
            } finally {
                if (!whole) {
                    opened.close();
                    limits.close();
                }
            }
        }

        static <T> T given(String what, @Nullable T value) {
            if (value == null) {
                throw new IllegalArgumentException("File replication needs " + what);
            }
            return value;
        }
    }
}
