package io.filereplication.pull;

import io.filereplication.NodeId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What came from each peer. Who is no member any more is forgotten; counting never blocks. Thread-safe. */
final class PeerCounters {
    /** Most peers that are counted, should nobody ever say who is a member. */
    static final int MOST_PEERS = 1_024;

    private static final class Peer {
        final LongAdder files = new LongAdder();
        final LongAdder bytes = new LongAdder();
        final Map<PeerFailure, LongAdder> failures = new EnumMap<>(PeerFailure.class);

        Peer() {
            for (PeerFailure kind : PeerFailure.values()) {
                failures.put(kind, new LongAdder());
            }
        }

        PeerPullStats stats() {
            Map<PeerFailure, Long> counts = new EnumMap<>(PeerFailure.class);
            failures.forEach((kind, adder) -> counts.put(kind, adder.sum()));
            return new PeerPullStats(files.sum(), bytes.sum(), counts);
        }
    }

    private final Map<NodeId, Peer> peers = new ConcurrentHashMap<>();

    void sentFile(NodeId peer) {
        count(peer, counters -> counters.files.increment());
    }

    void sentBytes(NodeId peer, long bytes) {
        count(peer, counters -> counters.bytes.add(bytes));
    }

    void failed(NodeId peer, PeerFailure kind) {
        count(peer, counters -> {
            LongAdder adder = counters.failures.get(kind);
            if (adder != null) {
                adder.increment();
            }
        });
    }

    private void count(NodeId peer, Consumer<Peer> how) {
        Peer counters = peers.get(peer);
        if (counters == null && peers.size() < MOST_PEERS) {
            counters = peers.computeIfAbsent(peer, unknown -> new Peer());
        }
        if (counters != null) {
            how.accept(counters);
        }
    }

    /** Forgets the others; nobody while the members are not known. */
    void keepOnly(Set<NodeId> members) {
        if (!members.isEmpty()) {
            peers.keySet().retainAll(members);
        }
    }

    /** By name of the peer. */
    Map<NodeId, PeerPullStats> snapshot() {
        Map<NodeId, PeerPullStats> all = new TreeMap<>();
        peers.forEach((peer, counters) -> all.put(peer, counters.stats()));
        return all;
    }
}
