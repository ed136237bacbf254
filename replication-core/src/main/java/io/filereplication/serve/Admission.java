package io.filereplication.serve;

import io.filereplication.NodeId;
import java.util.HashMap;
import java.util.Map;

/** How many transfers there are, in all and per peer. Thread-safe; nobody waits here. */
final class Admission {
    private final int max;
    private final int maxPerPeer;
    private final Map<NodeId, Integer> byPeer = new HashMap<>();
    private int inside;

    Admission(ServeConfig config) {
        this.max = config.maxTransfers();
        this.maxPerPeer = config.maxTransfersPerPeer();
    }

    /** Whether {@code peer} may have one more; then {@link #leave} must follow. */
    synchronized boolean enter(NodeId peer) {
        int ofPeer = byPeer.getOrDefault(peer, 0);
        if (inside >= max || ofPeer >= maxPerPeer) {
            return false;
        }
        inside++;
        byPeer.put(peer, ofPeer + 1);
        return true;
    }

    synchronized void leave(NodeId peer) {
        inside--;
        byPeer.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
    }

    synchronized int inside() {
        return inside;
    }
}
