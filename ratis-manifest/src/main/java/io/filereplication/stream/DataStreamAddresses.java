package io.filereplication.stream;

import io.filereplication.NodeId;
import org.apache.ratis.protocol.RaftPeer;
import org.jspecify.annotations.Nullable;

/** Where a peer listens. Thread-safe, no I/O; asked on every request, since a peer may move. */
@FunctionalInterface
public interface DataStreamAddresses {
    /** The peer with its data stream address, or null when it is not a member now. */
    @Nullable
    RaftPeer peer(NodeId id);
}
