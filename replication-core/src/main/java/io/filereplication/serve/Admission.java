package io.filereplication.serve;

import io.filereplication.NodeId;
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
    Places.@Nullable Place enter(NodeId peer, boolean small) {
        Places.Place place = common.enter(peer);
        return place == null && small ? keptForSmall.enter(peer) : place;
    }

    int inside() {
        return common.taken() + keptForSmall.taken();
    }
}
