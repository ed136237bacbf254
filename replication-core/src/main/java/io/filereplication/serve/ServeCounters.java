package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.wire.RefusalCode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Counts what the server does. Thread-safe. */
final class ServeCounters {
    /** Peers counted apart; proven members only, so more than that never come in practice. */
    private static final int MAX_PEERS = 1_024;

    final LongAdder requests = new LongAdder();
    final LongAdder files = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder waits = new LongAdder();
    final LongAdder stalledReaders = new LongAdder();
    final LongAdder hellos = new LongAdder();
    final LongAdder unproven = new LongAdder();
    private final Map<RefusalCode, LongAdder> refusals = new ConcurrentHashMap<>();
    private final Map<NodeId, LongAdder> bytesByPeer = new ConcurrentHashMap<>();

    void refused(RefusalCode code) {
        refusals.computeIfAbsent(code, key -> new LongAdder()).increment();
    }

    void sent(NodeId peer, int count) {
        bytes.add(count);
        if (bytesByPeer.containsKey(peer) || bytesByPeer.size() < MAX_PEERS) {
            bytesByPeer.computeIfAbsent(peer, key -> new LongAdder()).add(count);
        }
    }

    Map<RefusalCode, Long> refusals() {
        return sums(refusals);
    }

    Map<NodeId, Long> bytesByPeer() {
        return sums(bytesByPeer);
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> adders) {
        return adders.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().sum()));
    }
}
