package io.filereplication.serve;

import io.filereplication.NodeId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Places for something that may be done so many times at once, in all and per peer. Thread-safe; nobody waits here. */
final class Places {
    private final int max;
    private final int maxPerPeer;
    private final Map<NodeId, Integer> byPeer = new HashMap<>();
    private int taken;

    Places(int max, int maxPerPeer) {
        this.max = max;
        this.maxPerPeer = maxPerPeer;
    }

    /** A place for {@code peer}, to be left again; null when there is none. */
    synchronized @Nullable Place enter(NodeId peer) {
        int ofPeer = byPeer.getOrDefault(peer, 0);
        if (taken >= max || ofPeer >= maxPerPeer) {
            return null;
        }
        taken++;
        byPeer.put(peer, ofPeer + 1);
        return new Place(peer);
    }

    synchronized int taken() {
        return taken;
    }

    private synchronized void leave(NodeId peer) {
        taken--;
        byPeer.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
    }

    /** One taken place; closing it, once, gives it back. */
    final class Place implements AutoCloseable {
        private final NodeId peer;

        private Place(NodeId peer) {
            this.peer = peer;
        }

        @Override
        public void close() {
            leave(peer);
        }
    }
}
