package io.filereplication.plugin;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.client.FileReplication;
import io.filereplication.client.LocalNode;
import io.filereplication.client.ManifestClient;
import io.filereplication.client.RaftTransport;
import io.filereplication.fetch.AuthenticatedFetcher;
import io.filereplication.fetch.OriginFirstResolver;
import io.filereplication.fetch.PeerHealth;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.manifest.StateMachineObserver;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.metrics.MeasuredTransport;
import io.filereplication.metrics.PullLatencies;
import io.filereplication.metrics.Reading;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
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
import io.filereplication.stream.DataStreamServing;
import io.filereplication.stream.DataStreamTransport;
import io.filereplication.time.FairKeyedLock;
import io.filereplication.time.ThreadScheduler;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
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

/**
 * All parts of one group on one node, made in the order in which they depend on one another and closed in the opposite order.
 *
 * <p>It exists before its server does, because the server asks for the state machine while it is built, and applies log
 * entries while it starts; what needs the server begins when both are known, see {@link #serverStarted}.
 */
final class GroupReplication implements AutoCloseable {
    /** They copy and hash what is put here, and may wait for room in the client. */
    private static final int CLIENT_WORKERS = 4;
    /** They make that room: they take the answers of proposals. Never the same as those that wait for it. */
    private static final int PROPOSE_WORKERS = 2;

    private final GroupSettings settings;
    private final AtomicReference<@Nullable RaftServer> server = new AtomicReference<>();
    private final Parts parts;
    private final ManifestStateMachine stateMachine;
    private final AuthenticatedFetcher fetcher;
    private final Puller puller;
    private final FileServer fileServer;
    private final FileReplication files;
    private final PullLatencies latencies = new PullLatencies();
    private final Members statuses;
    private final MeasuredTransport proposals;
    private final GroupMetrics metrics;
    private final DataStreamServing serving;
    private final Runnable onRemoved;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final ReplicatedGroup handle;
    private volatile boolean networkUnprotected;
    private volatile boolean isServed;
    private volatile boolean closed;

    /**
     * Opens the group's storage and makes its parts; nothing runs yet. On failure nothing stays open.
     *
     * @param onRemoved called on a thread of Ratis when the server has removed the group
     */
    static GroupReplication open(
            Environment node, GroupSettings settings, DataStreamServing serving, Runnable onRemoved)
            throws StorageException {
        Parts parts = new Parts(node.self() + "@" + settings.group());
        GroupReplication opened = null;
        try {
            opened = new GroupReplication(parts, node, settings, serving, onRemoved);
            return opened;
        } finally {
            if (opened == null) {
                parts.close();
            }
        }
    }

    private GroupReplication(
            Parts parts, Environment node, GroupSettings settings, DataStreamServing serving, Runnable onRemoved)
            throws StorageException {
        this.parts = parts;
        this.settings = settings;
        this.serving = serving;
        this.onRemoved = onRemoved;
        GroupId group = new GroupId(settings.group().getUuid());
        NodeId self = node.self();
        String name = self + "-" + settings.group();
        PullerConfig pull = node.settings().pull(group, settings.filter(), latencies);
        SecureRandom random = new SecureRandom();
        RaftMembership members = new RaftMembership(server::get, settings.group());
        Credentials credentials = new Credentials(node.secrets(), node.clusterName(), group, self);

        ThreadScheduler pullScheduler = parts.add(new ThreadScheduler(name + "-pull", pull.threads()));
        LocalFiles local = parts.add(openFiles(node, settings, group, pullScheduler));
        stateMachine = new ManifestStateMachine(group, new Observer());

        PeerHealth health = new PeerHealth(pullScheduler);
        fetcher = parts.add(new AuthenticatedFetcher(
                credentials,
                new DataStreamTransport(name, settings.group(), members, node.properties(), node.parameters()),
                node.settings().fetch(),
                node.limits().incoming(),
                health,
                pullScheduler,
                random));
        ReadIndexBarrier barrier = new ReadIndexBarrier(
                name + "-barrier",
                new RaftReadIndex(server::get, settings.group()),
                () -> settledIndex(stateMachine.manifest()),
                pullScheduler);
        puller = parts.add(new Puller(
                pull,
                stateMachine.manifest(),
                local,
                new PullerPeers(
                        fetcher, settings.resolver().apply(new OriginFirstResolver(self, members, health)), members),
                new PullerHost(barrier, settings.events(), pullScheduler, InstantSource.system(), random)));
        stateMachine.manifest().addListener(puller);
        handle = new ReplicatedGroup(settings.group(), this, pullScheduler);

        fileServer = parts.add(new FileServer(
                credentials,
                new Holdings(stateMachine.manifest(), local, members, puller::verifySoon),
                node.limits().capacity(),
                random));

        ThreadScheduler proposeScheduler = parts.add(new ThreadScheduler(name + "-propose", PROPOSE_WORKERS));
        ThreadScheduler clientScheduler = parts.add(new ThreadScheduler(name + "-client", CLIENT_WORKERS));
        proposals = new MeasuredTransport(
                new GroupTransport(new MembersClient<>(
                        self + "@" + settings.group(),
                        members::voters,
                        (peers, first) -> RaftTransport.open(
                                RaftGroup.valueOf(settings.group(), peers),
                                first,
                                node.properties(),
                                node.parameters()))),
                proposeScheduler);
        ManifestClient client = new ManifestClient(
                proposals,
                stateMachine.manifest(),
                random,
                proposeScheduler,
                node.settings().client());
        files = parts.add(new FileReplication(
                new LocalNode(
                        self,
                        stateMachine.manifest(),
                        local,
                        puller,
                        barrier,
                        clientScheduler,
                        InstantSource.system(),
                        pull.longestProposal()),
                client));
        metrics = parts.add(new GroupMetrics(
                RaftGroupMemberId.valueOf(RaftPeerId.valueOf(self.value()), settings.group()),
                this::reading,
                pullScheduler));
        LocalStatus status =
                new LocalStatus(self, settings.group(), server::get, stateMachine.manifest(), puller, local);
        stateMachine.answerMembers(status::answer);
        MembersClient<RaftClient> asking = parts.add(new MembersClient<>(
                self + "@" + settings.group(), members::all, (peers, first) -> askingClient(node, peers)));
        statuses = new Members(
                self,
                status::node,
                status::file,
                new RaftMemberTransport(self, members::all, asking::get, pullScheduler::executeSoon));
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

    private static LocalFiles openFiles(
            Environment node, GroupSettings settings, GroupId group, ThreadScheduler scheduler)
            throws StorageException {
        StorageBackend backend = LocalStorage.open(settings.storageRoot());
        LocalFiles opened = null;
        try {
            opened = RecordedFiles.open(
                    backend,
                    group,
                    node.self(),
                    new FairKeyedLock<FilePath>(),
                    scheduler,
                    InstantSource.system(),
                    node.settings().maxPuts());
            return opened;
        } finally {
            if (opened == null) {
                backend.close();
            }
        }
    }

    /** The index first: one that a loaded snapshot brought counts when the listeners have heard of it. */
    private static long settledIndex(Manifest manifest) {
        long index = manifest.appliedIndex();
        return manifest.isSettled() ? index : -1;
    }

    ManifestStateMachine stateMachine() {
        return stateMachine;
    }

    ReplicatedGroup handle() {
        return handle;
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
                latencies.counts(),
                fetcher.rejections(),
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
     * {@code running} serves the group, or will.
     *
     * @param isExposed whether the server listens beyond loopback without mutual TLS
     */
    void serverStarted(RaftServer running, boolean isExposed) {
        networkUnprotected = isExposed;
        server.set(running);
        beginWhenServed();
    }

    /** Pulling and serving begin when the server is known and has loaded the group's manifest. Never blocks. */
    private void beginWhenServed() {
        if (isServed && server.get() != null && begun.compareAndSet(false, true)) {
            metrics.register();
            puller.start();
            serving.add(group(), fileServer);
            if (closed) {
                serving.remove(group());
            }
        }
    }

    /** From now on peers are answered as by a server that has no such group. Never blocks. */
    void stopServing() {
        closed = true;
        serving.remove(group());
    }

    /** Ends everything here; the server may go on applying entries to the manifest. Called once. */
    @Override
    public void close() {
        stopServing();
        parts.close();
    }

    @Override
    public String toString() {
        return metrics.member().toString();
    }

    /**
     * What all groups of a server share.
     *
     * @param clusterName tells clusters with the same secret apart; may be empty
     * @param limits closed by whoever made them, after the groups
     */
    record Environment(
            NodeId self,
            ClusterSecrets secrets,
            String clusterName,
            RaftProperties properties,
            Parameters parameters,
            ReplicationSettings settings,
            NodeLimits limits) {}

    /** Tells the puller what is not in the manifest. Called under Ratis's locks: it only takes notes. */
    private final class Observer implements StateMachineObserver {
        @Override
        public void initialized(long appliedIndex) {
            isServed = true;
            beginWhenServed();
        }

        @Override
        public void groupRemoved() {
            onRemoved.run();
        }

        @Override
        public void configurationChanged(long index, Set<NodeId> members) {
            puller.topologyChanged();
        }
    }
}
