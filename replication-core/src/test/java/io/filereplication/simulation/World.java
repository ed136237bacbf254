package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.pull.PullProbe;
import io.filereplication.storage.LocalFiles.HashedFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Everything there is in one simulation. */
final class World {
    private static final long LONGEST_AMBUSH_NANOS = 20_000_000_000L;
    private static final long SLOW_PROPOSAL_NANOS = 5_000_000_000L;
    private static final long SLOWEST_PROPOSAL_NANOS = 20_000_000_000L;

    private final Kernel kernel;
    private final Faults faults;
    private final Network network;
    private final Book book;
    private final ReplicatedLog log;
    private final Checks checks;
    private final Rotation rotation;
    private final Variant variant;
    private final List<SimulatedNode> nodes = new ArrayList<>();

    World(Kernel kernel, long seed, int nodeCount, Variant variant) {
        this.kernel = kernel;
        this.variant = variant;
        this.faults = new Faults(kernel, seed);
        this.network = new Network(kernel, faults);
        this.book = new Book(seed);
        for (int i = 1; i <= nodeCount; i++) {
            SimulatedNode node = new SimulatedNode(this, i);
            nodes.add(node);
            network.add(node);
        }
        this.log = new ReplicatedLog(book, new TreeSet<>(ids()));
        this.checks = new Checks(this);
        this.rotation = new Rotation(kernel, nodeCount);
    }

    List<NodeId> ids() {
        return nodes.stream().map(SimulatedNode::id).toList();
    }

    Kernel kernel() {
        return kernel;
    }

    Faults faults() {
        return faults;
    }

    Network network() {
        return network;
    }

    Book book() {
        return book;
    }

    ReplicatedLog log() {
        return log;
    }

    Checks checks() {
        return checks;
    }

    Rotation rotation() {
        return rotation;
    }

    Variant variant() {
        return variant;
    }

    List<SimulatedNode> nodes() {
        return nodes;
    }

    /** Whether {@code node} reaches less than a majority of the cluster. */
    boolean isCutOff(SimulatedNode node) {
        long reached = nodes.stream()
                .filter(other -> other == node || !network.isCut(node.id(), other.id()))
                .count();
        return 2 * reached <= nodes.size();
    }

    /**
     * Waits for a moment at which a pull of {@code node} is in a state in which one is seldom found, so that what happens seldom
     * meets those states, too. Not for longer than some seconds.
     */
    void awaitRareMoment(SimulatedNode node) {
        PullProbe.State state = faults.below(2) == 0 ? PullProbe.State.VERIFIED : PullProbe.State.UNVERIFIED;
        kernel.awaitMoment(() -> node.hasPullIn(state), faults.between(0, LONGEST_AMBUSH_NANOS));
    }

    /** How long a proposal takes until it is in the log, or never will be: about as long as a message, or much longer. */
    long proposalNanos() {
        return faults.below(2) == 0 ? slowProposalNanos() : network.latency();
    }

    /** The same when the leader has much to do. */
    long slowProposalNanos() {
        return faults.between(0, SLOW_PROPOSAL_NANOS);
    }

    /** The same while there is no leader for long. */
    long slowestProposalNanos() {
        return faults.between(0, SLOWEST_PROPOSAL_NANOS);
    }

    /** Registers a put; null when it lost against a path that is in its way. */
    @Nullable
    FileEntry commit(HashedFile file, NodeId origin, Instant now) {
        FileEntry entry = log.register(file.path(), file.sha256(), file.sizeBytes(), origin, now);
        if (entry != null) {
            kernel.note("commit", log.lastIndex());
            kernel.signal(log.grew);
        }
        return entry;
    }

    /** Who wrote {@code version} of a path. */
    NodeId originOf(Lsn version) {
        FileEntry entry = log.changeAt(version.index()).registered();
        if (entry == null) {
            throw new IllegalStateException("Nothing was registered at " + version);
        }
        return entry.originNodeId();
    }

    /** What the registration is to the pulls of a node that applies it; null when it is the first of its path. */
    @Nullable
    FaultKind kindOf(FileEntry registered) {
        long index = registered.contentLsn().index();
        if (log.stateAt(index - 1).entries().containsKey(registered.path())) {
            return FaultKind.UPDATE;
        }
        for (long i = 1; i < index; i++) {
            FileEntry earlier = log.changeAt(i).deleted();
            if (earlier != null && earlier.path().equals(registered.path())) {
                return FaultKind.REGISTERED_AGAIN;
            }
        }
        return null;
    }
}
