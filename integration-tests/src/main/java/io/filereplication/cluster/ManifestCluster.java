package io.filereplication.cluster;

import io.filereplication.GroupId;
import io.filereplication.client.ManifestClient;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.client.RaftTransport;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.time.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Nodes that share one group. Not thread-safe: one test or benchmark drives it. */
public final class ManifestCluster implements AutoCloseable {
    private final Path root;
    private final GroupId group = new GroupId(UUID.randomUUID());
    private final RaftProperties properties;
    private final Function<GroupId, ManifestStateMachine> stateMachines;
    private final List<ManifestNode> nodes = new ArrayList<>();
    private final List<RaftPeer> founders = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** A cluster of {@code size} nodes below {@code root}, not started. */
    public ManifestCluster(
            Path root, int size, RaftProperties properties, Function<GroupId, ManifestStateMachine> stateMachines) {
        this.root = root;
        this.properties = properties;
        this.stateMachines = stateMachines;
        for (int i = 0; i < size; i++) {
            founders.add(newNode("n" + (i + 1)).peer());
        }
    }

    /**
     * Settings for a test: elections that a pause of this process does not cause, two snapshots kept, the log purged behind the
     * newest.
     *
     * @param snapshotEvery log entries between snapshots
     */
    public static RaftProperties properties(long snapshotEvery) {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, snapshotEvery);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("4KB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("4KB"));
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(3, TimeUnit.SECONDS));
        return properties;
    }

    public GroupId group() {
        return group;
    }

    public ManifestNode node(int number) {
        return nodes.get(number);
    }

    public List<ManifestNode> nodes() {
        return List.copyOf(nodes);
    }

    /** What the running node {@code number} is in the group, as Ratis shows it. */
    public RaftServer.Division division(int number) throws IOException {
        return node(number).server().getDivision(RaftGroupId.valueOf(group.value()));
    }

    public Manifest manifest(int number) {
        return node(number).stateMachine(group).manifest();
    }

    /** The group as the founders know it. */
    public RaftGroup raftGroup() {
        return RaftGroup.valueOf(RaftGroupId.valueOf(group.value()), founders);
    }

    /** Starts every node that is not running. */
    public void start() throws IOException {
        for (ManifestNode node : nodes) {
            if (!node.isRunning()) {
                node.start(raftGroup());
            }
        }
    }

    /** One more node, in no group and not started. */
    public ManifestNode newNode(String id) {
        RaftPeer peer = RaftPeer.newBuilder()
                .setId(id)
                .setAddress("127.0.0.1:" + FreePorts.next())
                .build();
        ManifestNode node = new ManifestNode(peer, root.resolve(id), properties, stateMachines);
        nodes.add(node);
        return node;
    }

    /** Makes {@code members} the voters of the group. */
    public void setMembers(List<ManifestNode> members) throws IOException {
        try (RaftClient raft = raftClient()) {
            List<RaftPeer> peers = members.stream().map(ManifestNode::peer).toList();
            var reply = raft.admin().setConfiguration(peers);
            if (!reply.isSuccess()) {
                throw new IOException("The configuration was not changed", reply.getException());
            }
        }
    }

    /** A new Raft client with a bounded retry policy, to be closed by the caller. */
    public RaftClient raftClient() {
        return RaftClient.newBuilder()
                .setRaftGroup(raftGroup())
                .setProperties(properties)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        100, TimeDuration.valueOf(100, TimeUnit.MILLISECONDS)))
                .build();
    }

    /** A client on the node {@code number}, closed with the cluster. */
    public ManifestClient client(int number, Scheduler scheduler, ManifestClientSettings settings) {
        ManifestClient client = new ManifestClient(
                RaftTransport.open(raftGroup(), properties, new Parameters()),
                manifest(number),
                new SecureRandom(),
                scheduler,
                settings);
        opened.add(client);
        return client;
    }

    /** A client that has no manifest of its own, closed with the cluster. */
    public ManifestClient remoteClient(Scheduler scheduler, ManifestClientSettings settings) {
        ManifestClient client = new ManifestClient(
                RaftTransport.open(raftGroup(), properties, new Parameters()),
                null,
                new SecureRandom(),
                scheduler,
                settings);
        opened.add(client);
        return client;
    }

    /** The number of the running node that leads, or -1. */
    public int leader() throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            if (node(i).isRunning() && division(i).getInfo().isLeader()) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable client : opened) {
            client.close();
        }
        for (ManifestNode node : nodes) {
            node.close();
        }
    }
}
