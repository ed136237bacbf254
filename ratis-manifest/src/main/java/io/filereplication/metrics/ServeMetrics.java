package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.counter;
import static io.filereplication.metrics.Metric.counters;
import static io.filereplication.metrics.Metric.gauge;
import static io.filereplication.metrics.Metric.rate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is answered to peers. */
final class ServeMetrics {
    static final List<Metric> ALL = List.of(
            gauge(
                    "serve_transfers",
                    "Answers being sent now",
                    "Look when it stays at file.replication.serve.transfers: peers are told that this node is busy",
                    r -> r.serve().transfers()),
            counter("serve_requests", "Requests of peers that have proven the secret", "", r -> r.serve()
                    .requests()),
            counter("serve_files", "Whole or partial files sent", "", r -> r.serve().files()),
            counter("serve_bytes", "File bytes sent", "", r -> r.serve().bytes()),
            rate("serve_bytes_per_second", "File bytes sent per second", r -> r.serve()
                    .bytes()),
            counters("serve_peer_bytes", "peer", "File bytes sent to each peer", "", r -> byName(
                    r.serve().bytesByPeer(), peer -> peer.value())),
            counters(
                    "serve_refusals",
                    "reason",
                    "Files and requests that were refused to peers that have proven the secret, by reason",
                    "Look when not_member grows: a node outside the group still asks",
                    r -> byName(
                            r.serve().refusals(),
                            reason -> reason.name().toLowerCase(Locale.ROOT))),
            counter("serve_waits", "Messages that asked a peer for patience", "", r -> r.serve()
                    .waits()),
            counter(
                    "serve_stalled_readers",
                    "Answers given up because the peer did not take them",
                    "Look when it grows: a peer or the network to it is stuck",
                    r -> r.serve().stalledReaders()),
            counter("serve_hellos", "Hellos answered with a session", "", r -> r.serve()
                    .hellos()),
            counter(
                    "serve_unproven",
                    "Messages whose sender did not prove the secret",
                    "Page when it grows outside a rotation or restarts: a wrong secret, or somebody who tries",
                    r -> r.serve().unproven()),
            gauge("serve_sessions", "Sessions of peers that have proven the secret", "", r -> r.serve()
                    .provenSessions()),
            gauge("serve_unproven_sessions", "Sessions that wait for their first request", "", r -> r.serve()
                    .unprovenSessions()));

    private ServeMetrics() {}

    private static <K> Map<String, Number> byName(Map<K, Long> numbers, Function<K, String> name) {
        return numbers.entrySet().stream()
                .collect(Collectors.toMap(entry -> name.apply(entry.getKey()), Map.Entry::getValue));
    }
}
