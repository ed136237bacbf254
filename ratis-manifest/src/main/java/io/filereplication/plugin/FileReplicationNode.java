package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.fetch.PeerResolver;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.manifest.ManifestStatistics;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.pull.FileEvents;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerStats;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.status.Members;
import io.filereplication.storage.StorageException;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.NetUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that just wants replicated files: one Ratis server with one group, and file replication in it.
 *
 * <p>{@link Builder#build()} checks everything and opens the storage; {@link #start()} listens and begins. What fails leaves
 * nothing running. Thread-safe; {@link #close()} is idempotent and safe before {@link #start()}.
 */
public final class FileReplicationNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileReplicationNode.class);

    private final RaftPeer self;
    private final RaftGroupId group;
    private final FileReplicationPlugin plugin;
    /** The plugin's only group; what it has to say is of use after the end, too. */
    private final ReplicatedGroup replicated;

    private final RaftServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileReplicationNode(RaftPeer self, RaftGroupId group, FileReplicationPlugin plugin, RaftServer server) {
        this.self = self;
        this.group = group;
        this.plugin = plugin;
        this.replicated = plugin.group(group);
        this.server = server;
    }

    public static Builder newBuilder() {
        return new Builder();
    }

    /** Starts the server, serving, and pulling. When it fails, the node is closed. */
    public void start() throws IOException {
        boolean started = false;
        try {
            NodeChecks.portIsFree("address", self.getAddress());
            server.start();
            plugin.start(server);
            started = true;
            LOG.info(
                    "{}: replicates files; Raft at {}, data stream at {}",
                    this,
                    self.getAddress(),
                    self.getDataStreamAddress());
        } finally {
            if (!started) {
                close();
            }
        }
    }

    /** The group, for whoever operates it: pause, resume, drain. */
    public ReplicatedGroup group() {
        return replicated;
    }

    /** The group's files as seen from here. */
    public FileReplication files() {
        return replicated.files();
    }

    /** This node's manifest. */
    public Manifest manifest() {
        return replicated.manifest();
    }

    /** The group's state machine. */
    public ManifestStateMachine stateMachine() {
        return replicated.stateMachine();
    }

    /** What has been applied and loaded here. */
    public ManifestStatistics statistics() {
        return manifest().statistics();
    }

    /** What brings files here: {@code runCatchUp}, {@code pause}, {@code resume}, what is unavailable. */
    public Puller puller() {
        return replicated.puller();
    }

    /** What the puller did and has to do. */
    public PullerStats stats() {
        return replicated.stats();
    }

    /** The metrics of the group, which are also in Ratis's registries once the node has been started. */
    public GroupMetrics metrics() {
        return replicated.metrics();
    }

    /** What answers this node's peers: its statistics, {@code pause} and {@code resume}. */
    public FileServer fileServer() {
        return replicated.fileServer();
    }

    /** What serving takes of this node now. */
    public ServeCapacity.Usage serveUsage() {
        return plugin.serveUsage();
    }

    /** Limits what this node receives from peers; they may be changed at any time. */
    public BandwidthLimits<NodeId> incoming() {
        return plugin.incoming();
    }

    /** Limits what this node sends to peers; they may be changed at any time. */
    public BandwidthLimits<NodeId> outgoing() {
        return plugin.outgoing();
    }

    /** See {@link Puller#fullyCaughtUp()}. */
    public boolean fullyCaughtUp() {
        return puller().fullyCaughtUp();
    }

    /** See {@link Puller#catchUpCompleted()}. */
    public boolean catchUpCompleted() {
        return puller().catchUpCompleted();
    }

    /** See {@link Puller#caughtUpIndex()}. */
    public long caughtUpIndex() {
        return puller().caughtUpIndex();
    }

    /** The ids of the secrets that this node uses now, the primary first: a step of a rotation is done where they are the new ones. */
    public List<String> secretIds() {
        return plugin.secretIds();
    }

    /** What this node and the other members of its group say of themselves. */
    public Members members() {
        return plugin.members(group);
    }

    /** The Ratis server beneath. */
    public RaftServer server() {
        return server;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        plugin.close();
        // Ratis closes nothing of a server that was not started, and has bound this port while it was built.
        boolean wasStarted = server.getLifeCycleState() != LifeCycle.State.NEW;
        try {
            server.close();
            if (!wasStarted) {
                server.getDataStreamServerRpc().close();
            }
        } catch (IOException e) {
            LOG.warn("{}: the server did not close cleanly", this, e);
        }
    }

    /** What lines of the log begin with. */
    @Override
    public String toString() {
        return self.getId() + "@" + group;
    }

    /** Collects and checks settings. Not thread-safe. */
    public static final class Builder {
        private @Nullable RaftPeer peer;
        private @Nullable RaftGroup group;
        private @Nullable Path storageRoot;
        private @Nullable Path raftDirectory;
        private @Nullable ClusterSecrets secrets;
        private String clusterName = "";
        private RaftProperties properties = new RaftProperties();
        private Parameters parameters = new Parameters();
        private ReplicationFilter filter = ReplicationFilter.ALL;
        private FileEvents events = FileEvents.NONE;
        private UnaryOperator<PeerResolver> resolver = UnaryOperator.identity();

        private Builder() {}

        /** This node: its id, where Raft listens ({@code address}) and where files are served ({@code dataStreamAddress}). */
        public Builder setPeer(RaftPeer self) {
            peer = Objects.requireNonNull(self, "peer");
            return this;
        }

        /**
         * The group and its first members. A node that joins an existing group is given the group without peers, and is added by
         * {@code setConfiguration} once it runs.
         */
        public Builder setGroup(RaftGroup members) {
            group = Objects.requireNonNull(members, "group");
            return this;
        }

        /** Where the files lie. Made when it does not exist; not inside the Raft directory. */
        public Builder setStorageRoot(Path directory) {
            storageRoot = Objects.requireNonNull(directory, "storageRoot");
            return this;
        }

        /** Where the Raft log and snapshots lie. */
        public Builder setRaftDirectory(Path directory) {
            raftDirectory = Objects.requireNonNull(directory, "raftDirectory");
            return this;
        }

        /** The secret that all members share. */
        public Builder setSecrets(ClusterSecrets shared) {
            secrets = Objects.requireNonNull(shared, "secrets");
            return this;
        }

        /** Tells clusters apart that were given the same secret; empty by default. */
        public Builder setClusterName(String name) {
            clusterName = Objects.requireNonNull(name, "clusterName");
            return this;
        }

        /** Settings of Ratis and of {@link FileReplicationConfigKeys}; copied. */
        public Builder setProperties(RaftProperties settings) {
            properties = Objects.requireNonNull(settings, "properties");
            return this;
        }

        /** Objects for Ratis, such as a {@code TlsConf}. */
        public Builder setParameters(Parameters objects) {
            parameters = Objects.requireNonNull(objects, "parameters");
            return this;
        }

        /** Which files are wanted here; all by default. */
        public Builder setFilter(ReplicationFilter wanted) {
            filter = Objects.requireNonNull(wanted, "filter");
            return this;
        }

        /** Hears what happens to this node's files. */
        public Builder setEvents(FileEvents listener) {
            events = Objects.requireNonNull(listener, "events");
            return this;
        }

        /** Which peers are asked for a file, and in which order; given the usual order, the origin first. */
        public Builder setResolver(UnaryOperator<PeerResolver> made) {
            resolver = Objects.requireNonNull(made, "resolver");
            return this;
        }

        /**
         * Checks the settings, opens the storage and builds the server; nothing listens yet but the data stream port, which
         * Ratis binds while it builds.
         *
         * @throws IllegalArgumentException when a part is missing or a setting is refused, naming it
         * @throws IOException when the storage or a port cannot be used
         */
        public FileReplicationNode build() throws IOException {
            RaftPeer self = FileReplicationPlugin.Builder.given("this node's peer: setPeer", peer);
            RaftGroup members = FileReplicationPlugin.Builder.given("a group: setGroup", group);
            Path storage = FileReplicationPlugin.Builder.given("a directory for files: setStorageRoot", storageRoot);
            Path raft = FileReplicationPlugin.Builder.given("a directory for Raft: setRaftDirectory", raftDirectory);
            NodeChecks.peer(self);
            NodeChecks.peers(members);
            NodeChecks.network(self, properties, parameters);
            RaftProperties settings = serverProperties(self, raft);
            NodeChecks.portIsFree("address", self.getAddress());
            NodeChecks.portIsFree("data stream address", self.getDataStreamAddress());
            FileReplicationPlugin.Builder builder = FileReplicationPlugin.newBuilder()
                    .setServerId(NodeId.of(self.getId().toString()))
                    .setClusterName(clusterName)
                    .setProperties(settings)
                    .setParameters(parameters)
                    .addGroup(GroupSettings.of(members.getGroupId(), storage)
                            .withFilter(filter)
                            .withEvents(events)
                            .withResolver(resolver));
            if (secrets != null) {
                builder.setSecrets(secrets);
            }
            FileReplicationPlugin plugin = build(builder);
            RaftServer server = null;
            try {
                server = RaftServer.newBuilder()
                        .setServerId(self.getId())
                        .setGroup(members)
                        .setProperties(settings)
                        .setParameters(parameters)
                        .setStateMachineRegistry(plugin.registry())
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .build();
                return new FileReplicationNode(self, members.getGroupId(), plugin, server);
            } finally {
                if (server == null) {
                    plugin.close();
                }
            }
        }

        private static FileReplicationPlugin build(FileReplicationPlugin.Builder builder) throws IOException {
            try {
                return builder.build();
            } catch (StorageException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        /** The user's properties with what a node needs, where the user did not say otherwise. */
        private RaftProperties serverProperties(RaftPeer self, Path raft) {
            RaftProperties settings = new RaftProperties(properties);
            NodeChecks.dataStream(settings);
            RaftServerConfigKeys.setStorageDir(settings, List.of(raft.toFile()));
            InetSocketAddress address = NetUtils.createSocketAddr(self.getAddress());
            GrpcConfigKeys.Server.setHost(settings, address.getHostString());
            GrpcConfigKeys.Server.setPort(settings, address.getPort());
            InetSocketAddress stream = NetUtils.createSocketAddr(self.getDataStreamAddress());
            NettyConfigKeys.DataStream.setHost(settings, stream.getHostString());
            NettyConfigKeys.DataStream.setPort(settings, stream.getPort());
            // Ratis by default never takes a snapshot, keeps each one that it was sent, and never gives log entries up.
            settings.setIfUnset(RaftServerConfigKeys.Snapshot.AUTO_TRIGGER_ENABLED_KEY, "true");
            settings.setIfUnset(RaftServerConfigKeys.Snapshot.AUTO_TRIGGER_THRESHOLD_KEY, SNAPSHOT_ENTRIES);
            settings.setIfUnset(RaftServerConfigKeys.Snapshot.RETENTION_FILE_NUM_KEY, "2");
            settings.setIfUnset(RaftServerConfigKeys.Log.PURGE_UPTO_SNAPSHOT_INDEX_KEY, "true");
            // The log stays behind the older of the two snapshots, which is used when the newer one is damaged.
            settings.setIfUnset(RaftServerConfigKeys.Log.PURGE_PRESERVATION_LOG_NUM_KEY, SNAPSHOT_ENTRIES);
            return settings;
        }

        /** Log entries between two snapshots, and kept behind the newer one. */
        private static final String SNAPSHOT_ENTRIES = "100000";
    }
}
