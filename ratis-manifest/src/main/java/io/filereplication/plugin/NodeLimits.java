package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.ThreadScheduler;
import org.apache.ratis.conf.RaftProperties;

/** What all groups of a server share: bandwidth, places for transfers, and the threads that watch answers. */
final class NodeLimits implements AutoCloseable {
    /** They say {@code wait} to peers whose next message takes its time. */
    private static final int SERVE_WORKERS = 2;

    private final ThreadScheduler scheduler;
    private final BandwidthLimits<NodeId> incoming;
    private final BandwidthLimits<NodeId> outgoing;
    private final ServeCapacity capacity;

    /** As the settings say; throws {@link IllegalArgumentException} for one that is refused. */
    NodeLimits(NodeId self, RaftProperties properties) {
        scheduler = new ThreadScheduler(self + "-serve", SERVE_WORKERS);
        boolean whole = false;
        try {
            incoming = new BandwidthLimits<>(scheduler);
            incoming.limitNode(FileReplicationConfigKeys.Bandwidth.in(properties));
            incoming.limitEachPeer(FileReplicationConfigKeys.Bandwidth.inPerPeer(properties));
            outgoing = new BandwidthLimits<>(scheduler);
            outgoing.limitNode(FileReplicationConfigKeys.Bandwidth.out(properties));
            outgoing.limitEachPeer(FileReplicationConfigKeys.Bandwidth.outPerPeer(properties));
            capacity = new ServeCapacity(ReplicationSettings.serve(properties), outgoing, scheduler);
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
