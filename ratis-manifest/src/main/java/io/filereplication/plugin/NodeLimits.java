package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.ThreadScheduler;
import io.filereplication.wire.ClusterSecrets;
import java.time.Duration;

/** What all groups of a server share: bandwidth, places for transfers, threads that watch answers, and the watch over the secrets. */
final class NodeLimits implements AutoCloseable {
    /** How often the file of secrets is looked at. */
    private static final Duration SECRETS_INTERVAL = Duration.ofSeconds(1);

    private final ThreadScheduler scheduler;
    private final ClusterSecrets secrets;
    private final BandwidthLimits<NodeId> incoming;
    private final BandwidthLimits<NodeId> outgoing;
    private final ServeCapacity capacity;

    /** As the settings say; throws {@link IllegalArgumentException} for one that is refused. */
    NodeLimits(NodeId self, ReplicationSettings settings, ClusterSecrets secrets) {
        this.secrets = secrets;
        // They say wait to peers whose next message takes its time, and one whose peer does not read is held up by
        // that: so there is one for each answer, and one for the secrets. Those that have nothing to do end.
        int answers = settings.serve().maxTransfers() + settings.serve().maxSmallTransfers();
        scheduler = new ThreadScheduler(self + "-serve", answers + 1);
        boolean whole = false;
        try {
            incoming = new BandwidthLimits<>(scheduler);
            incoming.limitNode(settings.incoming().node());
            incoming.limitEachPeer(settings.incoming().eachPeer());
            outgoing = new BandwidthLimits<>(scheduler);
            outgoing.limitNode(settings.outgoing().node());
            outgoing.limitEachPeer(settings.outgoing().eachPeer());
            capacity = new ServeCapacity(settings.serve(), outgoing, scheduler);
            watchSecrets();
            whole = true;
        } finally {
            if (!whole) {
                scheduler.close();
            }
        }
    }

    /** So that each step of a rotation is taken, and said in the log, also by a node that has nothing to do. */
    private void watchSecrets() {
        scheduler.schedule(SECRETS_INTERVAL, () -> scheduler.executeSoon(this::lookAtSecrets));
    }

    private void lookAtSecrets() {
        try {
            secrets.look();
        } finally {
            watchSecrets();
        }
    }

    ClusterSecrets secrets() {
        return secrets;
    }

    BandwidthLimits<NodeId> incoming() {
        return incoming;
    }

    BandwidthLimits<NodeId> outgoing() {
        return outgoing;
    }

    ServeCapacity capacity() {
        return capacity;
    }

    @Override
    public void close() {
        scheduler.close();
    }
}
