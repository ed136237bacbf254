package io.filereplication.manifest;

import io.filereplication.GroupId;
import io.filereplication.ManifestDifference;
import io.filereplication.NodeId;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Manifest} as the state machine of one Ratis group. A server makes one for each group, through its {@code
 * StateMachine.Registry}; nothing is shared between them.
 *
 * <p><b>Threads:</b> entries, snapshots and reloads come on the group's updater thread; proposals, {@link #pause} and
 * configurations on threads of the server, some under its locks; queries on any. No method here waits for a disk except
 * {@link #initialize} and {@link #reinitialize}.
 *
 * <p><b>Errors:</b> nothing is thrown out of apply, because that would close the group on this server and again after every
 * restart. A refusal is a status inside a successful reply. An entry that this build does not understand stops the manifest
 * before it: its proposer and all later ones get a failure, no snapshot is taken past it, and the server stays up to serve
 * files until somebody upgrades it.
 *
 * <p>Facts about Ratis 3.3.0 that this class relies on: an installed snapshot is announced only by {@code pause} and {@code
 * reinitialize}, replaces the whole state machine directory, and leaves this object in use; {@code pause} has to take the life
 * cycle to PAUSED and {@code reinitialize} back to RUNNING; the base class's {@code queryStale} never answers for an index that
 * is still to come.
 */
public final class ManifestStateMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestStateMachine.class);

    private final Manifest manifest;
    private final StateMachineObserver observer;
    private final BackgroundSnapshot snapshots;
    private final SnapshotFiles files;
    private final WaitingReads waiting = new WaitingReads();
    private final AtomicLong installedIndex = new AtomicLong(-1);
    private volatile @Nullable UnaryOperator<ByteString> memberAnswerer;

    /** The state machine of {@code group}; {@code observer} hears what is not in the manifest. */
    public ManifestStateMachine(GroupId group, StateMachineObserver observer) {
        this(new Manifest(group), observer);
    }

    ManifestStateMachine(Manifest manifest, StateMachineObserver observer) {
        this.manifest = manifest;
        this.observer = observer;
        this.snapshots = new BackgroundSnapshot(
                "manifest-snapshot-" + manifest.group(), manifest::log, index -> tell(o -> o.snapshotWritten(index)));
        this.files = snapshots.files();
        manifest.pause();
    }

    /** The manifest; not settled before {@link #initialize} has loaded it. */
    public Manifest manifest() {
        return manifest;
    }

    /**
     * From now on {@code answerer} answers what other members ask of this node by {@link Queries#member}, in stale reads. It is
     * called on threads of Ratis: it does not block, and throws {@link IllegalArgumentException} for what is no question.
     */
    public void answerMembers(UnaryOperator<ByteString> answerer) {
        memberAnswerer = answerer;
    }

    /** Index of the last snapshot that the leader installed here since this process began, or -1. */
    public long installedSnapshotIndex() {
        return installedIndex.get();
    }

    /** Index of the newest snapshot on disk, or -1. */
    public long snapshotIndex() {
        return snapshots.newestIndex();
    }

    /** How many snapshots could not be written since this process began. */
    public long snapshotFailures() {
        return snapshots.failures();
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage) throws IOException {
        super.initialize(server, groupId, storage);
        manifest.belongsTo(NodeId.of(server.getId().toString()));
        if (!groupId.getUuid().equals(manifest.group().value())) {
            throw new IOException("The manifest of group " + manifest.group() + " was given to group " + groupId);
        }
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            files.init(storage);
                            TermIndex found = new SnapshotLoader(files).loadNewestWhole(manifest, storage);
                            if (found != null) {
                                setLastAppliedTermIndex(found);
                                snapshots.found(found.getIndex());
                            }
                            manifest.resume();
                        },
                        IOException.class);
        tell(o -> o.initialized(manifest.appliedIndex()));
    }

    /** Called under the server's lock just before an installed snapshot takes the place of the directory. */
    @Override
    public void pause() {
        manifest.pause();
        snapshots.abandon();
        if (getLifeCycle().compareAndTransition(LifeCycle.State.RUNNING, LifeCycle.State.PAUSING)) {
            getLifeCycle().transition(LifeCycle.State.PAUSED);
        }
    }

    @Override
    public void reinitialize() throws IOException {
        files.refresh();
        SingleFileSnapshotInfo newest = files.getLatestSnapshot();
        boolean installed = newest != null && newest.getIndex() > manifest.appliedIndex();
        ManifestDifference difference = null;
        if (installed) {
            try {
                difference = SnapshotLoader.load(manifest, newest);
            } catch (CorruptSnapshotException e) {
                throw new IOException(
                        "The installed snapshot " + newest.getFile().getPath() + " is damaged. Stop this node, remove "
                                + files.directory() + " and start it again: the leader sends another",
                        e);
            }
            setLastAppliedTermIndex(newest.getTermIndex());
            snapshots.found(newest.getIndex());
            installedIndex.set(newest.getIndex());
        }
        if (getLifeCycle().compareAndTransition(LifeCycle.State.PAUSED, LifeCycle.State.STARTING)) {
            getLifeCycle().transition(LifeCycle.State.RUNNING);
        }
        if (difference != null) {
            // Before anybody may act upon what is in the new manifest.
            manifest.announceReplaced(difference);
        }
        manifest.resume();
        if (installed) {
            manifest.log().info(LOG, "the leader's snapshot at log index {} is in place", newest.getIndex());
            tell(o -> o.snapshotInstalled(newest.getIndex()));
            advanced(newest.getIndex());
        }
    }

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        TransactionContext transaction = TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .build();
        StoppedBefore reason = manifest.stopped();
        String refusal = manifest.refusal(request.getMessage().getContent());
        if (reason != null) {
            transaction.setException(stoppedException(reason));
        } else if (refusal != null) {
            transaction.setException(new InvalidProposalException("The proposal was refused: " + refusal));
        }
        return transaction;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        boolean wasStopped = manifest.stopped() != null;
        ApplyOutcome outcome =
                manifest.apply(entry.getIndex(), entry.getStateMachineLogEntry().getLogData());
        if (outcome instanceof ApplyOutcome.Applied applied) {
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            advanced(entry.getIndex());
            return CompletableFuture.completedFuture(Message.valueOf(applied.reply()));
        }
        StoppedBefore reason = ((ApplyOutcome.Stopped) outcome).reason();
        if (!wasStopped) {
            tell(o -> o.stopped(reason));
        }
        return CompletableFuture.failedFuture(stoppedException(reason));
    }

    private ManifestStoppedException stoppedException(StoppedBefore reason) {
        return new ManifestStoppedException(
                "Node " + getId() + " stopped before log entry " + reason.index() + ": " + reason.sentence());
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        if (manifest.stopped() == null) {
            manifest.advanceTo(index);
            updateLastAppliedTermIndex(term, index);
            advanced(index);
        }
    }

    private void advanced(long index) {
        waiting.reached(index);
        tell(o -> o.applied(index));
    }

    /**
     * Begins a snapshot on the writer's thread and answers the index of one that has become durable, else -1. Ratis asks
     * again with the next entries and purges the log only behind an index that it was given.
     */
    @Override
    public long takeSnapshot() {
        TermIndex applied = getLastAppliedTermIndex();
        boolean possible = getLifeCycleState() == LifeCycle.State.RUNNING
                && manifest.isSettled()
                && manifest.appliedIndex() >= 0
                && applied.getIndex() == manifest.appliedIndex();
        return possible ? snapshots.takeOrBegin(manifest, applied.getTerm()) : RaftLog.INVALID_LOG_INDEX;
    }

    /**
     * The newest snapshot of which Ratis was told. One that the writer has just finished is shown only after {@link
     * #takeSnapshot} has answered its index: else a request for a snapshot would be satisfied by it, and the log behind it
     * would never be purged.
     */
    @Override
    @SuppressWarnings("NullAway") // Ratis takes null for none.
    public SnapshotInfo getLatestSnapshot() {
        long unreported = snapshots.unreportedIndex();
        return unreported < 0 ? files.getLatestSnapshot() : files.newestBefore(unreported);
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return files;
    }

    @Override
    public CompletableFuture<Message> query(Message request) {
        try {
            StoppedBefore reason = manifest.stopped();
            if (reason != null) {
                return CompletableFuture.failedFuture(stoppedException(reason));
            }
            return CompletableFuture.completedFuture(Message.valueOf(Queries.answer(manifest, request.getContent())));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new StateMachineException("The query was refused: " + e.getMessage()));
        }
    }

    @Override
    public CompletableFuture<Message> queryStale(Message request, long minIndex) {
        UnaryOperator<ByteString> answerer = memberAnswerer;
        if (answerer != null) {
            try {
                ByteString said = Queries.answerAsMember(manifest, request.getContent(), answerer);
                if (said != null) {
                    return CompletableFuture.completedFuture(Message.valueOf(said));
                }
            } catch (RuntimeException e) {
                return refusedQuery(e);
            }
        }
        if (manifest.appliedIndex() >= minIndex) {
            return staleAnswer(request.getContent());
        }
        CompletableFuture<Void> reached = waiting.at(minIndex);
        if (manifest.appliedIndex() >= minIndex) {
            // It may have come there between the question and the wait.
            waiting.reached(minIndex);
        }
        // Elsewhere: it is reached on the thread that applies.
        return reached.thenComposeAsync(unused -> staleAnswer(request.getContent()));
    }

    /** A stale read may see a manifest that has stopped: it is exactly as old as it says. */
    private CompletableFuture<Message> staleAnswer(ByteString question) {
        try {
            return CompletableFuture.completedFuture(Message.valueOf(Queries.answer(manifest, question)));
        } catch (IllegalArgumentException e) {
            return refusedQuery(e);
        }
    }

    private static CompletableFuture<Message> refusedQuery(RuntimeException why) {
        return CompletableFuture.failedFuture(new StateMachineException("The query was refused: " + why.getMessage()));
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        Set<NodeId> members = new TreeSet<>();
        addMembers(configuration.getPeersList(), members);
        addMembers(configuration.getOldPeersList(), members);
        addMembers(configuration.getListenersList(), members);
        addMembers(configuration.getOldListenersList(), members);
        tell(o -> o.configurationChanged(index, Set.copyOf(members)));
    }

    private static void addMembers(Iterable<RaftPeerProto> peers, Set<NodeId> members) {
        for (RaftPeerProto peer : peers) {
            members.add(NodeId.of(peer.getId().toStringUtf8()));
        }
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        String name = leader == null ? "" : leader.toString();
        tell(o -> o.leaderChanged(name.isEmpty() ? null : NodeId.of(name)));
    }

    @Override
    public void notifyGroupRemove() {
        tell(StateMachineObserver::groupRemoved);
    }

    private void tell(Consumer<StateMachineObserver> event) {
        try {
            event.accept(observer);
        } catch (RuntimeException e) {
            manifest.log().error(LOG, "the observer failed; the manifest goes on", e);
        }
    }

    /** Lets a snapshot that is being written end, within a bound. Idempotent. */
    @Override
    public void close() {
        manifest.pause();
        getLifeCycle().checkStateAndClose(() -> {
            waiting.close();
            snapshots.close();
        });
    }

    /** For whoever looks into a running node. */
    public @Nullable StoppedBefore stopped() {
        return manifest.stopped();
    }
}
