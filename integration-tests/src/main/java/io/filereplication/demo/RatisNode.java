package io.filereplication.demo;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import io.filereplication.manifest.ManifestStatistics;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.pull.FileEvents;
import io.filereplication.pull.PullerStats;
import io.filereplication.storage.LocalRecord;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** The real node: a {@link FileReplicationNode}, and what an operator does with Ratis's own client. */
final class RatisNode implements ReplicatedNode {
    private static final int ADMIN_RETRIES = 300;
    private static final TimeDuration ADMIN_PAUSE = TimeDuration.valueOf(100, TimeUnit.MILLISECONDS);
    private static final TimeDuration ADMIN_TIMEOUT = TimeDuration.valueOf(15, TimeUnit.SECONDS);
    private static final int SNAPSHOT_ATTEMPTS = 20;
    private static final int PURGE_LOOKS = 5;
    private static final FilePath NO_FILE = FilePath.of("no-such-file");
    private static final Duration SNAPSHOT_TIMEOUT = Duration.ofSeconds(20);

    private final RaftPeerId self;
    private final RaftGroupId group;
    private final FileReplicationNode node;
    private final PublishedBytes published;

    private RatisNode(RaftPeerId self, RaftGroupId group, FileReplicationNode node, PublishedBytes published) {
        this.self = self;
        this.group = group;
        this.node = node;
        this.published = published;
    }

    /** Starts a node as {@code settings} say. */
    static ReplicatedNode start(NodeSettings settings) throws IOException {
        RaftGroupId group = RaftGroupId.valueOf(UUID.fromString(settings.group()));
        RaftPeer self = peer(settings.self());
        PublishedBytes published = new PublishedBytes();
        FileReplicationNode node = FileReplicationNode.newBuilder()
                .setPeer(self)
                .setGroup(RaftGroup.valueOf(group, peers(settings.peers())))
                .setStorageRoot(settings.storage())
                .setRaftDirectory(settings.raft())
                .setSecrets(ClusterSecrets.fromFile(settings.secretFile()))
                .setProperties(properties())
                .setEvents(published)
                .build();
        node.start();
        return new RatisNode(self.getId(), group, node, published);
    }

    private static RaftPeer peer(PeerAddress address) {
        return RaftPeer.newBuilder()
                .setId(address.id())
                .setAddress(address.raftAddress())
                .setDataStreamAddress(address.streamAddress())
                .build();
    }

    private static List<RaftPeer> peers(List<PeerAddress> addresses) {
        return addresses.stream().map(RatisNode::peer).toList();
    }

    private static RaftProperties properties() {
        RaftProperties properties = new RaftProperties();
        // Three nodes and an engine share the cores: a leader must not be given up because it was not scheduled for a
        // moment.
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(1_500, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(3_000, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                properties, TimeDuration.valueOf(300, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                properties, TimeDuration.valueOf(900, TimeUnit.MILLISECONDS));
        // A log of some hundred entries is to be purged: Ratis purges whole closed segments, and the node would keep
        // its
        // newest 100,000 entries.
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("256B"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("256B"));
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, 0);
        return properties;
    }

    @Override
    public CompletableFuture<FileEntry> putAsync(FilePath path, Path source, Attributes attributes) {
        return node.files().putAsync(path, source, attributes);
    }

    @Override
    public ManifestView manifest() {
        return node.manifest();
    }

    @Override
    public NodeReport status() throws IOException {
        RaftServer.Division division = node.server().getDivision(group);
        RaftPeerId leader = division.getInfo().getLeaderId();
        // What is known to be here is read before what is registered, so that it never looks like more than there is.
        long caughtUp = node.caughtUpIndex();
        boolean fullyCaughtUp = node.fullyCaughtUp();
        PullerStats stats = node.stats();
        ManifestStatistics manifest = node.statistics();
        long received = Math.max(published.bytes(), stats.pulledBytes());
        return new NodeReport(
                leader == null ? "" : leader.toString(),
                manifest.count(),
                manifest.bytes(),
                stats.missing(),
                stats.missing() == 0 ? manifest.bytes() : Math.min(received, manifest.bytes()),
                stats.pulled(),
                stats.pulledBytes(),
                retries(stats),
                stats.checksumMismatch(),
                manifest.appliedIndex(),
                caughtUp,
                fullyCaughtUp,
                division.getRaftLog().getStartIndex(),
                node.stateMachine().installedSnapshotIndex(),
                manifest.entriesApplied(),
                manifest.firstAppliedIndex());
    }

    private static long retries(PullerStats stats) {
        return stats.failed()
                + stats.checksumMismatch()
                + stats.peerLookupFailure()
                + stats.fileNotOnPeer()
                + stats.badOffsetServer()
                + stats.badOffsetStorage()
                + stats.authFailure()
                + stats.storageFailure();
    }

    @Override
    public void reconfigure(List<PeerAddress> peers) throws IOException, InterruptedException {
        try (RaftClient client = client()) {
            for (int attempt = 1; ; attempt++) {
                try {
                    check(client.admin().setConfiguration(peers(peers)));
                    return;
                } catch (ReconfigurationTimeoutException | ReconfigurationInProgressException e) {
                    // A member that is to join was too slow, or another change is not committed yet.
                    if (attempt == ADMIN_RETRIES) {
                        throw e;
                    }
                    ADMIN_PAUSE.sleep();
                }
            }
        }
    }

    @Override
    public long takeSnapshot() throws IOException, InterruptedException, ExecutionException {
        long wanted = node.manifest().appliedIndex();
        try (RaftClient client = client()) {
            for (int attempt = 1; attempt <= SNAPSHOT_ATTEMPTS; attempt++) {
                RaftClientReply reply =
                        check(client.getSnapshotManagementApi(self).create(true, SNAPSHOT_TIMEOUT.toMillis()));
                if (reply.getLogIndex() >= wanted && isPurgedSoon()) {
                    return reply.getLogIndex();
                }
                // A snapshot that takes its time is written in the background, and Ratis purges the log when it next
                // asks
                // for one. It does so only after another entry: this one, which changes nothing.
                node.files()
                        .deleteAsync(NO_FILE, "an entry behind the snapshot")
                        .get();
            }
        }
        throw new IOException(
                "Node " + self + " has not purged its log behind a snapshot that reaches index " + wanted);
    }

    private boolean isPurgedSoon() throws IOException, InterruptedException {
        RaftServer.Division division = node.server().getDivision(group);
        for (int look = 1; look <= PURGE_LOOKS && division.getRaftLog().getStartIndex() <= 0; look++) {
            ADMIN_PAUSE.sleep();
        }
        return division.getRaftLog().getStartIndex() > 0;
    }

    /** A client of the current members, which gives up after a while. */
    private RaftClient client() throws IOException {
        RaftProperties properties = new RaftProperties();
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, ADMIN_TIMEOUT);
        return RaftClient.newBuilder()
                .setRaftGroup(node.server().getDivision(group).getGroup())
                .setProperties(properties)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(ADMIN_RETRIES, ADMIN_PAUSE))
                .build();
    }

    private static RaftClientReply check(RaftClientReply reply) throws IOException {
        if (!reply.isSuccess()) {
            throw new IOException("The group refused: " + reply, reply.getException());
        }
        return reply;
    }

    @Override
    public void close() {
        node.close();
    }

    /** The sizes of the files that were published here and are still. */
    private static final class PublishedBytes implements FileEvents {
        private final AtomicLong bytes = new AtomicLong();

        long bytes() {
            return bytes.get();
        }

        @Override
        public void onPublished(FileEntry entry) {
            bytes.addAndGet(entry.sizeBytes());
        }

        @Override
        public void onReplaced(LocalRecord before, FileEntry entry) {
            bytes.addAndGet(entry.sizeBytes() - before.stamp().sizeBytes());
        }

        @Override
        public void beforeRemove(LocalRecord record) {
            bytes.addAndGet(-record.stamp().sizeBytes());
        }
    }
}
