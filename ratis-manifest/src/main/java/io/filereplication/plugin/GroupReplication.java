package io.filereplication.plugin;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.client.LocalNode;
import io.filereplication.client.ManifestClient;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.client.RaftTransport;
import io.filereplication.fetch.AuthenticatedFetcher;
import io.filereplication.fetch.OriginFirstResolver;
import io.filereplication.fetch.PeerHealth;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.manifest.StateMachineObserver;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.metrics.MeasuredTransport;
import io.filereplication.metrics.Reading;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerHost;
import io.filereplication.pull.PullerPeers;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.Holdings;
import io.filereplication.status.LocalStatus;
import io.filereplication.status.Members;
import io.filereplication.status.RaftMemberTransport;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalStorage;
import io.filereplication.storage.RecordedFiles;
import io.filereplication.storage.StorageBackend;
import io.filereplication.storage.StorageException;
import io.filereplication.stream.DataStreamTransport;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.FairKeyedLock;
import io.filereplication.time.ThreadScheduler;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of one group on one node, made in the order in which they depend on one another and closed in the opposite order.
 *
 * <p>It exists before its server does, because the server asks for the state machine while it is built, and applies log
 * entries while it starts; what needs the server begins with {@link #start}.
 */
final class GroupReplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupReplication.class);
    /** They say {@code wait} to peers whose next message takes its time. */
    private static final int SERVE_WORKERS = 2;
    /** They copy and hash what is put here, and may wait for room in the client. */
    private static final int CLIENT_WORKERS = 4;
    /** They make that room: they take the answers of proposals. Never the same as those that wait for it. */
    private static final int PROPOSE_WORKERS = 2;

    private final GroupSettings settings;
    private final AtomicReference<@Nullable RaftServer> server = new AtomicReference<>();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ManifestStateMachine stateMachine;
    private final Puller puller;
    private final FileServer fileServer;
    private final FileReplication files;
    private final Members statuses;
    private final MeasuredTransport proposals;
    private final GroupMetrics metrics;
    private volatile boolean networkUnprotected;

    /** Opens the group's storage and makes its parts; nothing runs yet. On failure nothing stays open. */
    GroupReplication(Environment node, GroupSettings settings) throws StorageException {
        this.settings = settings;
        GroupId group = new GroupId(settings.group().getUuid());
        NodeId self = node.self();
        String name = self + "-" + settings.group();
        ReplicationSettings numbers = ReplicationSettings.of(self, settings.filter(), node.properties());
        SecureRandom random = new SecureRandom();
        RaftMembers members = new RaftMembers(server::get, settings.group());
        Credentials credentials = new Credentials(node.secrets(), node.clusterName(), group, self);

        ThreadScheduler pullScheduler =
                part(new ThreadScheduler(name + "-pull", numbers.pull().threads()));
        LocalFiles local = part(openFiles(settings, group, self, pullScheduler));
        stateMachine = new ManifestStateMachine(group, new Observer());

        PeerHealth health = new PeerHealth(pullScheduler);
        AuthenticatedFetcher fetcher = part(new AuthenticatedFetcher(
                credentials,
                new DataStreamTransport(name, settings.group(), members, node.properties(), node.parameters()),
                numbers.fetch(),
                new BandwidthLimits<>(pullScheduler),
                health,
                pullScheduler,
                random));
        ReadIndexBarrier barrier = new ReadIndexBarrier(server::get, settings.group(), pullScheduler);
        puller = part(new Puller(
                numbers.pull(),
                stateMachine.manifest(),
                local,
                new PullerPeers(fetcher, new OriginFirstResolver(self, members, health), members),
                new PullerHost(barrier, settings.events(), pullScheduler, InstantSource.system(), random)));
        stateMachine.manifest().addListener(puller);

        ThreadScheduler serveScheduler = part(new ThreadScheduler(name + "-serve", SERVE_WORKERS));
        fileServer = part(new FileServer(
                credentials,
                new Holdings(stateMachine.manifest(), local, members, puller::verifySoon),
                numbers.serve(),
                new BandwidthLimits<>(serveScheduler),
                serveScheduler,
                random));

        ThreadScheduler proposeScheduler = part(new ThreadScheduler(name + "-propose", PROPOSE_WORKERS));
        ThreadScheduler clientScheduler = part(new ThreadScheduler(name + "-client", CLIENT_WORKERS));
        proposals = new MeasuredTransport(
                new MembersTransport(
                        members::voters,
                        peers -> RaftTransport.open(
                                RaftGroup.valueOf(settings.group(), peers), node.properties(), node.parameters())),
                proposeScheduler);
        ManifestClient client = new ManifestClient(
                proposals, stateMachine.manifest(), random, proposeScheduler, ManifestClientSettings.defaults());
        files = part(new FileReplication(
                new LocalNode(
                        self, stateMachine.manifest(), local, puller, barrier, clientScheduler, InstantSource.system()),
                client));
        metrics = part(new GroupMetrics(
                RaftGroupMemberId.valueOf(RaftPeerId.valueOf(self.value()), settings.group()),
                this::reading,
                pullScheduler));
        LocalStatus status =
                new LocalStatus(self, settings.group(), server::get, stateMachine.manifest(), puller, local);
        stateMachine.answerMembers(status::answer);
        statuses = part(new Members(
                self,
                status::node,
                status::file,
                new RaftMemberTransport(
                        self, members::all, peers -> askingClient(node, peers), clientScheduler::execute)));
    }

    /** A client that asks each question once. */
    private RaftClient askingClient(Environment node, Collection<RaftPeer> peers) {
        return RaftClient.newBuilder()
                .setRaftGroup(RaftGroup.valueOf(settings.group(), peers))
                .setProperties(node.properties())
                .setParameters(node.parameters())
                .setRetryPolicy(RetryPolicies.noRetry())
                .build();
    }

    private static LocalFiles openFiles(GroupSettings settings, GroupId group, NodeId self, ThreadScheduler scheduler)
            throws StorageException {
        StorageBackend backend = LocalStorage.open(settings.storageRoot());
        LocalFiles opened = null;
        try {
            opened = RecordedFiles.open(
                    backend, group, self, new FairKeyedLock<FilePath>(), scheduler, InstantSource.system());
            return opened;
        } finally {
            if (opened == null) {
                backend.close();
                scheduler.close();
            }
        }
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    ManifestStateMachine stateMachine() {
        return stateMachine;
    }

    FileServer fileServer() {
        return fileServer;
    }

    Puller puller() {
        return puller;
    }

    FileReplication files() {
        return files;
    }

    Members members() {
        return statuses;
    }

    GroupMetrics metrics() {
        return metrics;
    }

    /** The numbers of all parts, now. */
    private Reading reading() {
        return new Reading(
                puller.stats(),
                new Reading.Readiness(
                        puller.fullyCaughtUp(),
                        puller.catchUpCompleted(),
                        puller.caughtUpIndex(),
                        puller.problem().isPresent()),
                stateMachine.manifest().statistics(),
                new Reading.Snapshots(
                        stateMachine.snapshotIndex(),
                        stateMachine.installedSnapshotIndex(),
                        stateMachine.snapshotFailures()),
                fileServer.stats(),
                proposals.numbers(),
                networkUnprotected);
    }

    GroupId group() {
        return new GroupId(settings.group().getUuid());
    }

    /**
     * {@code running} serves the group: pulling may begin.
     *
     * @param isExposed whether the server listens beyond loopback without mutual TLS
     */
    void start(RaftServer running, boolean isExposed) {
        server.set(running);
        networkUnprotected = isExposed;
        metrics.register();
        puller.start();
    }

    /** Ends everything here; the server may go on applying entries to the manifest. Idempotent. */
    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part, e);
            }
        }
    }

    @Override
    public String toString() {
        return "file replication of " + settings.group();
    }

    /**
     * What all groups of a server share.
     *
     * @param clusterName tells clusters with the same secret apart; may be empty
     */
    record Environment(
            NodeId self,
            ClusterSecrets secrets,
            String clusterName,
            RaftProperties properties,
            Parameters parameters) {}

    /** Tells the puller what is not in the manifest. Called under Ratis's locks: it only takes notes. */
    private final class Observer implements StateMachineObserver {
        @Override
        public void configurationChanged(long index, Set<NodeId> members) {
            puller.topologyChanged();
        }
    }
}
