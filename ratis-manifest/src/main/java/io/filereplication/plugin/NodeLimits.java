package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.ThreadScheduler;

/** What all groups of a server share: bandwidth, places for transfers, and the threads that watch answers. */
final class NodeLimits implements AutoCloseable {
    private final ThreadScheduler scheduler;
    private final BandwidthLimits<NodeId> incoming;
    private final BandwidthLimits<NodeId> outgoing;
    private final ServeCapacity capacity;

    /** As the settings say; throws {@link IllegalArgumentException} for one that is refused. */
    NodeLimits(NodeId self, ReplicationSettings settings) {
        // They say wait to peers whose next message takes its time, and one whose peer does not read is held up by
        // that: so there
        // is one for each answer. Those that have nothing to do end.
        int answers = settings.serve().maxTransfers() + settings.serve().maxSmallTransfers();
        scheduler = new ThreadScheduler(self + "-serve", answers);
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
