package io.filereplication.fetch;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.time.Ticker;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What this node has lately seen of its peers, so that those that are likely to serve a file are asked first. An opinion, not
 * a fact: it expires, and one answer heals what is known of a peer's reachability.
 *
 * <p>Thread-safe, bounded, no I/O.
 */
public final class PeerHealth {
    static final long UNREACHABLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(2);
    static final long REST_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long BAD_COPY_NANOS = TimeUnit.MINUTES.toNanos(30);
    private static final int MAX_PEERS = 1_024;
    private static final int MAX_BAD_COPIES = 1_024;

    private final Ticker ticker;
    private final Map<NodeId, Seen> peers = new HashMap<>();
    private final Map<Copy, Long> badCopies = new LinkedHashMap<>();

    /** Knows nothing bad of anybody. */
    public PeerHealth(Ticker ticker) {
        this.ticker = ticker;
    }

    /** What is known of a peer, the best first. */
    public enum Condition {
        WELL,
        /** It had no room a moment ago. */
        BUSY,
        /** It could not be reached a while ago. */
        UNREACHABLE,
        /** It refused our proof or could not prove its own: it is not asked for a while. */
        RESTING
    }

    /** It sent an authentic answer. */
    public synchronized void answered(NodeId peer) {
        peers.remove(peer);
    }

    /** It could not be reached, or an exchange broke off, as all do on a connection that is ended because of a failed proof. */
    public void failed(NodeId peer) {
        saw(peer, Condition.UNREACHABLE, UNREACHABLE_NANOS);
    }

    /** It had no room. */
    public void wasBusy(NodeId peer) {
        saw(peer, Condition.BUSY, BUSY_NANOS);
    }

    /** The proof failed, in either direction. */
    public void refusedProof(NodeId peer) {
        saw(peer, Condition.RESTING, REST_NANOS);
    }

    /** It sent bytes of {@code path} that did not match. */
    public synchronized void sentBadBytes(NodeId peer, FilePath path) {
        long now = ticker.nanoTime();
        badCopies.values().removeIf(until -> now - until >= 0);
        if (badCopies.size() >= MAX_BAD_COPIES) {
            badCopies.remove(badCopies.keySet().iterator().next());
        }
        badCopies.put(new Copy(peer, path), now + BAD_COPY_NANOS);
    }

    /** What is known of {@code peer} now. */
    public synchronized Condition condition(NodeId peer) {
        Seen seen = peers.get(peer);
        return seen == null || ticker.nanoTime() - seen.untilNanos() >= 0 ? Condition.WELL : seen.condition();
    }

    /** Whether {@code peer} lately sent bytes of {@code path} that did not match. */
    public synchronized boolean hasBadCopy(NodeId peer, FilePath path) {
        Long until = badCopies.get(new Copy(peer, path));
        return until != null && ticker.nanoTime() - until < 0;
    }

    private synchronized void saw(NodeId peer, Condition condition, long nanos) {
        long now = ticker.nanoTime();
        if (condition == Condition.UNREACHABLE && condition(peer) == Condition.RESTING) {
            return;
        }
        if (peers.size() >= MAX_PEERS) {
            peers.values().removeIf(seen -> now - seen.untilNanos() >= 0);
        }
        if (peers.size() < MAX_PEERS) {
            peers.put(peer, new Seen(condition, now + nanos));
        }
    }

    private record Seen(Condition condition, long untilNanos) {}

    private record Copy(NodeId peer, FilePath path) {}
}
