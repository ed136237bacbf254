package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.ThreadScheduler;

/** What all groups of a server share: bandwidth, places for transfers, and the threads that watch answers. */
final class NodeLimits implements AutoCloseable {
    /** They say {@code wait} to peers whose next message takes its time. */
    private static final int SERVE_WORKERS = 2;

    private final ThreadScheduler scheduler;
    private final BandwidthLimits<NodeId> incoming;
    private final BandwidthLimits<NodeId> outgoing;
    private final ServeCapacity capacity;

    /** As the settings say; throws {@link IllegalArgumentException} for one that is refused. */
    NodeLimits(NodeId self, ReplicationSettings settings) {
        scheduler = new ThreadScheduler(self + "-serve", SERVE_WORKERS);
        boolean whole = false;
        try {
            incoming = new BandwidthLimits<>(scheduler);
            incoming.limitNode(settings.incoming().node());
            incoming.limitEachPeer(settings.incoming().eachPeer());
            outgoing = new BandwidthLimits<>(scheduler);
            outgoing.limitNode(settings.outgoing().node());
            outgoing.limitEachPeer(settings.outgoing().eachPeer());
            capacity = new ServeCapacity(settings.serve(), outgoing, scheduler);
            whole = true;
        } finally {
            if (!whole) {
                scheduler.close();
            }
        }
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
