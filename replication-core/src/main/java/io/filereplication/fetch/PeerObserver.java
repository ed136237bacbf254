package io.filereplication.fetch;

import io.filereplication.NodeId;

/**
 * Learns how peers behave, so that the next {@link PeerResolver#candidates} can be better. Whoever decides what an outcome
 * means tells it: that is the puller, never the fetcher. Called on workers; no I/O, no lock held across I/O.
 */
public interface PeerObserver {
    /** Learns nothing. */
    PeerObserver NONE = new PeerObserver() {};

    /** The peer answered, whatever it said: it is reachable and knows the secret. */
    default void answered(NodeId peer) {}

    /** The peer could not be reached, or the exchange broke off. */
    default void unreachable(NodeId peer) {}

    /** The peer refused our proof or could not prove its own: it rests. */
    default void authenticationRefused(NodeId peer) {}

    /** The peer has no room for another transfer. */
    default void busy(NodeId peer) {}

    /** Authentic frames of the peer carried bytes that did not match. */
    default void sentBadBytes(NodeId peer) {}
}
