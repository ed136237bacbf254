package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.pull.Puller;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.storage.StorageException;
import io.filereplication.stream.DataStreamServing;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.statemachine.StateMachine;
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

    private final Map<RaftGroupId, GroupReplication> groups;
    private final NodeLimits limits;
    private final DataStreamServing serving;
    private final Parameters parameters;

    private FileReplicationPlugin(
            Map<RaftGroupId, GroupReplication> groups,
            NodeLimits limits,
            DataStreamServing serving,
            Parameters parameters) {
        this.groups = groups;
        this.limits = limits;
        this.serving = serving;
        this.parameters = parameters;
    }

    public static Builder newBuilder() {
        return new Builder();
    }

    /** State machines for the groups of this plugin, and {@code others}' for all other groups. */
    public StateMachine.Registry registry(StateMachine.Registry others) {
        return group -> {
            GroupReplication replication = groups.get(group);
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
     * Begins to serve and to pull. {@code server}, built with this plugin's registry and parameters, has been started. Warns
     * once when it listens beyond loopback without mutual TLS on both ports.
     */
    public void start(RaftServer server) {
        Objects.requireNonNull(server, "server");
        warnOfExposure(server);
        groups.values().forEach(group -> {
            group.start(server);
            serving.add(group.group(), group.fileServer());
        });
    }

    private void warnOfExposure(RaftServer server) {
        if (FileReplicationConfigKeys.insecureNetwork(server.getProperties())) {
            return;
        }
        List<String> exposed = NodeChecks.exposed(server.getPeer(), server.getProperties(), parameters);
        if (!exposed.isEmpty()) {
            LOG.warn(
                    "{} listens at {} without mutual TLS: files are sent unencrypted, and Raft's own ports are open to anybody. "
                            + "Set TlsConf in the Parameters, or {} if the network is trusted",
                    server.getId(),
                    exposed,
                    FileReplicationConfigKeys.INSECURE_NETWORK_KEY);
        }
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

    /** The state machine of {@code group}. */
    public ManifestStateMachine stateMachine(RaftGroupId group) {
        return replication(group).stateMachine();
    }

    private GroupReplication replication(RaftGroupId group) {
        GroupReplication replication = groups.get(group);
        if (replication == null) {
            throw new IllegalArgumentException("Group " + group + " was not added to the plugin");
        }
        return replication;
    }

    /** Ends serving and pulling and closes the storage; staged bytes stay for the next start. Idempotent. */
    @Override
    public void close() {
        groups.values().forEach(group -> {
            serving.remove(group.group());
            group.close();
        });
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
            ClusterSecrets shared = given("a secret: setSecrets(ClusterSecrets.fromFile(...))", secrets);
            NodeChecks.dataStream(ofServer);
            for (Path raftDirectory : NodeChecks.raftDirectories(ofServer)) {
                groups.forEach(group -> NodeChecks.apart(group.storageRoot(), raftDirectory));
            }
            NodeLimits limits = new NodeLimits(self, ofServer);
            Map<RaftGroupId, GroupReplication> opened =
                    open(new GroupReplication.Environment(self, shared, clusterName, ofServer, installedIn, limits));
            DataStreamServing serving = new DataStreamServing(
                    RaftServerConfigKeys.DataStream.serverApiResolver(installedIn), limits.capacity());
            RaftServerConfigKeys.DataStream.setServerApiResolver(installedIn, serving);
            return new FileReplicationPlugin(Map.copyOf(opened), limits, serving, installedIn);
        }

        private Map<RaftGroupId, GroupReplication> open(GroupReplication.Environment environment)
                throws StorageException {
            Map<RaftGroupId, GroupReplication> opened = new LinkedHashMap<>();
            boolean whole = false;
            try {
                for (GroupSettings settings : groups) {
                    if (opened.containsKey(settings.group())) {
                        throw new IllegalArgumentException("Group " + settings.group() + " was added twice");
                    }
                    opened.put(settings.group(), new GroupReplication(environment, settings));
                }
                whole = true;
                return opened;
            } finally {
                if (!whole) {
                    opened.values().forEach(GroupReplication::close);
                    environment.limits().close();
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
