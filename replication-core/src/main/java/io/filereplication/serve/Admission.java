package io.filereplication.serve;

import io.filereplication.NodeId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many transfers there are, in all and per peer. A small request that finds the common places taken gets one of those that
 * are kept for small requests, so that it never waits for bulk. Thread-safe; nobody waits here.
 */
final class Admission {
    private final Places common;
    private final Places keptForSmall;

    Admission(ServeConfig config) {
        this.common = new Places(config.maxTransfers(), config.maxTransfersPerPeer());
        this.keptForSmall = new Places(config.maxSmallTransfers(), Math.max(1, config.maxSmallTransfers() / 2));
    }

    /** A place for one more transfer of {@code peer}, to be left again; null when there is none. */
    synchronized @Nullable Place enter(NodeId peer, boolean small) {
        if (common.take(peer)) {
            return new Place(common, peer);
        }
        return small && keptForSmall.take(peer) ? new Place(keptForSmall, peer) : null;
    }

    synchronized int inside() {
        return common.taken + keptForSmall.taken;
    }

    /** One taken place; closing it, once, gives it back. */
    final class Place implements AutoCloseable {
        private final Places of;
        private final NodeId peer;

        private Place(Places of, NodeId peer) {
            this.of = of;
            this.peer = peer;
        }

        @Override
        public void close() {
            synchronized (Admission.this) {
                of.giveBack(peer);
            }
        }
    }

    /** Places of one sort. Guarded by the admission. */
    private static final class Places {
        private final int max;
        private final int maxPerPeer;
        private final Map<NodeId, Integer> byPeer = new HashMap<>();
        private int taken;

        Places(int max, int maxPerPeer) {
            this.max = max;
            this.maxPerPeer = maxPerPeer;
        }

        boolean take(NodeId peer) {
            int ofPeer = byPeer.getOrDefault(peer, 0);
            if (taken >= max || ofPeer >= maxPerPeer) {
                return false;
            }
            taken++;
            byPeer.put(peer, ofPeer + 1);
            return true;
        }

        void giveBack(NodeId peer) {
            taken--;
            byPeer.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
        }
    }
}
