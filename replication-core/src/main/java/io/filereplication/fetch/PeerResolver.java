package io.filereplication.fetch;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import java.util.List;

/**
 * Which peers may serve a file, the best first. Asked afresh on every attempt; never names this node. Thread-safe, no I/O.
 */
@FunctionalInterface
public interface PeerResolver {
    /** Candidates for {@code path}, which {@code origin} first wrote; empty while the members are not known. */
    List<NodeId> candidates(NodeId origin, FilePath path);
}
