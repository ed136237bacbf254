package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.counter;
import static io.filereplication.metrics.Metric.counters;
import static io.filereplication.metrics.Metric.gauge;
import static io.filereplication.metrics.Metric.gauges;
import static io.filereplication.metrics.Metric.rate;

import io.filereplication.serve.PeerServeStats;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RefusalCode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What is answered to peers. The names are {@code serve_} and those of {@link io.filereplication.serve.ServeStats#toMap()};
 * reasons and kinds are labels.
 */
final class ServeMetrics {
    private static final List<String> PEER = List.of("peer");

    private static final List<Metric> GROUP = List.of(
            gauge(
                    "serve_paused",
                    "1 when serving was paused by this node's application or operator",
                    "Look when nobody meant it: peers are told that this node is busy",
                    r -> r.serve().paused() ? 1 : 0),
            gauge(
                    "serve_transfers",
                    "Answers being sent now",
                    "Look when it stays at file.replication.serve.transfers: peers are told that this node is busy",
                    r -> r.serve().transfers()),
            gauge(
                    "serve_sessions_proven",
                    "Sessions of members that have proven the secret",
                    "",
                    r -> r.serve().provenSessions()),
            gauge(
                    "serve_sessions_unproven",
                    "Sessions that wait for the first request of a member",
                    "",
                    r -> r.serve().unprovenSessions()),
            counter(
                    "serve_requests",
                    "Requests of peers that have proven the secret",
                    "",
                    r -> r.serve().requests()),
            counter(
                    "serve_files",
                    "Whole or partial files sent",
                    "",
                    r -> r.serve().files()),
            counter("serve_bytes", "File bytes sent", "", r -> r.serve().bytes()),
            rate(
                    "serve_bytes_per_second",
                    "File bytes sent per second",
                    r -> r.serve().bytes()),
            counter(
                    "serve_waits",
                    "Messages that asked a peer for patience",
                    "",
                    r -> r.serve().waits()),
            counter(
                    "serve_stalled_readers",
                    "Answers given up because the peer did not take them",
                    "Look when it grows: a peer or the network to it is stuck",
                    r -> r.serve().stalledReaders()),
            counter(
                    "serve_hellos",
                    "Hellos answered with a session, or with that there is none",
                    "",
                    r -> r.serve().hellos()),
            counter(
                    "serve_unanswered",
                    "Hellos, requests and messages without proof that got no answer because too many were being"
                            + " greeted or refused",
                    "Look when it grows: somebody floods the data stream port, or a peer reads no answers or too slowly",
                    r -> r.serve().unanswered()),
            counter(
                    "serve_unserved",
                    "Messages for groups that this node does not serve, or not yet; the same number in each of its groups",
                    "Look when it grows for minutes: a peer asks for a group that is not here, or somebody tries",
                    r -> r.serve().unserved()),
            counters(
                    "serve_auth_failure",
                    List.of("kind"),
                    "Messages that prove nothing, by kind",
                    "Page when it grows outside a rotation or a restart: a wrong secret, or somebody who tries",
                    ServeMetrics::authFailures),
            counters(
                    "serve_refused",
                    List.of("reason"),
                    "Files and requests that were refused to peers that have proven the secret, by reason",
                    "Look when not_member grows: a node outside the group still asks",
                    r -> refusals(r.serve().refusals(), List.of())));

    private static final List<Metric> PEERS = List.of(
            gauges(
                    "serve_peer_transfers",
                    PEER,
                    "Answers being sent to each peer now",
                    "",
                    r -> byPeer(r, PeerServeStats::transfers)),
            gauges(
                    "serve_peer_sessions",
                    PEER,
                    "Proven sessions of each peer",
                    "",
                    r -> byPeer(r, PeerServeStats::sessions)),
            counters(
                    "serve_peer_requests", PEER, "Requests of each peer", "", r -> byPeer(r, PeerServeStats::requests)),
            counters(
                    "serve_peer_files",
                    PEER,
                    "Whole or partial files sent to each peer",
                    "",
                    r -> byPeer(r, PeerServeStats::files)),
            counters(
                    "serve_peer_bytes",
                    PEER,
                    "File bytes sent to each peer",
                    "",
                    r -> byPeer(r, PeerServeStats::bytes)),
            counters(
                    "serve_peer_refused",
                    List.of("peer", "reason"),
                    "Files and requests refused to each peer, by reason",
                    "",
                    ServeMetrics::refusalsByPeer));

    static final List<Metric> ALL =
            Stream.of(GROUP, PEERS).flatMap(List::stream).toList();

    private ServeMetrics() {}

    private static Map<List<String>, Number> byPeer(Reading reading, ToLongFunction<PeerServeStats> value) {
        Map<List<String>, Number> numbers = new HashMap<>();
        reading.serve().peers().forEach((peer, stats) -> numbers.put(List.of(peer.value()), value.applyAsLong(stats)));
        return numbers;
    }

    private static Map<List<String>, Number> authFailures(Reading reading) {
        Map<List<String>, Number> numbers = new HashMap<>();
        for (ProofFailure kind : ProofFailure.ofServers()) {
            numbers.put(List.of(nameOf(kind)), reading.serve().authFailures().getOrDefault(kind, 0L));
        }
        return numbers;
    }

    private static Map<List<String>, Number> refusalsByPeer(Reading reading) {
        Map<List<String>, Number> numbers = new HashMap<>();
        reading.serve()
                .peers()
                .forEach((peer, stats) -> numbers.putAll(refusals(stats.refusals(), List.of(peer.value()))));
        return numbers;
    }

    /** Every reason is there, so that one that begins to occur is seen to grow. */
    private static Map<List<String>, Number> refusals(Map<RefusalCode, Long> refusals, List<String> labelsBefore) {
        Map<List<String>, Number> numbers = new HashMap<>();
        for (RefusalCode reason : RefusalCode.values()) {
            List<String> labels = Stream.concat(labelsBefore.stream(), Stream.of(nameOf(reason)))
                    .toList();
            numbers.put(labels, refusals.getOrDefault(reason, 0L));
        }
        return numbers;
    }

    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
