package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RefusalCode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts what one group's server does, and apart what it does for each member. Thread-safe. */
final class ServeCounters {
    /** Members counted apart, those of the past included. */
    private static final int MAX_PEERS = 1_024;

    final LongAdder requests = new LongAdder();
    final LongAdder files = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder waits = new LongAdder();
    final LongAdder stalledReaders = new LongAdder();
    final LongAdder hellos = new LongAdder();
    final LongAdder unanswered = new LongAdder();
    final AtomicInteger transfers = new AtomicInteger();
    private final Map<ProofFailure, LongAdder> authFailures = new ConcurrentHashMap<>();
    private final Map<RefusalCode, LongAdder> refusals = new ConcurrentHashMap<>();
    private final Map<NodeId, OfPeer> peers = new ConcurrentHashMap<>();

    /** A message that proves nothing. */
    void unproven(ProofFailure failure) {
        authFailures.computeIfAbsent(failure, key -> new LongAdder()).increment();
    }

    /** A request of a member, which was counted among {@link #requests} before it was known to be one. */
    void requestOf(NodeId member) {
        OfPeer own = of(member);
        if (own != null) {
            own.requests.increment();
        }
    }

    /** A request of somebody who is not known to be a member; his name is not remembered. */
    void refusedStranger(RefusalCode code) {
        count(refusals, code);
    }

    void refused(NodeId member, RefusalCode code) {
        count(refusals, code);
        OfPeer own = of(member);
        if (own != null) {
            count(own.refusals, code);
        }
    }

    private static void count(Map<RefusalCode, LongAdder> refusals, RefusalCode code) {
        refusals.computeIfAbsent(code, key -> new LongAdder()).increment();
    }

    void began(NodeId member) {
        transfers.incrementAndGet();
        OfPeer own = of(member);
        if (own != null) {
            own.transfers.incrementAndGet();
        }
    }

    void ended(NodeId member) {
        transfers.decrementAndGet();
        OfPeer own = of(member);
        if (own != null) {
            own.transfers.decrementAndGet();
        }
    }

    void sent(NodeId member, int count) {
        bytes.add(count);
        OfPeer own = of(member);
        if (own != null) {
            own.bytes.add(count);
        }
    }

    void file(NodeId member) {
        files.increment();
        OfPeer own = of(member);
        if (own != null) {
            own.files.increment();
        }
    }

    private @Nullable OfPeer of(NodeId member) {
        OfPeer known = peers.get(member);
        if (known == null && peers.size() < MAX_PEERS) {
            return peers.computeIfAbsent(member, key -> new OfPeer());
        }
        return known;
    }

    /** All of it, with what others know of sessions and of the node. */
    ServeStats snapshot(boolean paused, long unserved, Map<NodeId, Integer> provenSessions, int unprovenSessions) {
        Set<NodeId> names = new HashSet<>(peers.keySet());
        names.addAll(provenSessions.keySet());
        Map<NodeId, PeerServeStats> each = new HashMap<>();
        OfPeer none = new OfPeer();
        for (NodeId name : names) {
            each.put(name, peers.getOrDefault(name, none).snapshot(provenSessions.getOrDefault(name, 0)));
        }
        return new ServeStats(
                paused,
                transfers.get(),
                requests.sum(),
                files.sum(),
                bytes.sum(),
                waits.sum(),
                stalledReaders.sum(),
                hellos.sum(),
                unanswered.sum(),
                unserved,
                sums(authFailures),
                sums(refusals),
                each,
                provenSessions.values().stream().mapToInt(Integer::intValue).sum(),
                unprovenSessions);
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> adders) {
        return adders.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().sum()));
    }

    /** What concerns one peer. */
    private static final class OfPeer {
        private final AtomicInteger transfers = new AtomicInteger();
        private final LongAdder requests = new LongAdder();
        private final LongAdder files = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final Map<RefusalCode, LongAdder> refusals = new ConcurrentHashMap<>();

        PeerServeStats snapshot(int sessions) {
            return new PeerServeStats(
                    transfers.get(), sessions, requests.sum(), files.sum(), bytes.sum(), sums(refusals));
        }
    }
}
