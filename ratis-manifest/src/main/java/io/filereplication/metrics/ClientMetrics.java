package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.counter;
import static io.filereplication.metrics.Metric.durations;
import static io.filereplication.metrics.Metric.gauge;

import java.util.List;

/** What this node proposes. */
final class ClientMetrics {
    static final List<Metric> ALL = List.of(
            counter(
                    "client_proposals",
                    "Log entries that this node has proposed",
                    "",
                    r -> r.client().proposals()),
            counter(
                    "client_proposal_failures",
                    "Proposals that were refused or got no answer; they are repeated for 30 s",
                    "Page when it grows for minutes: the group has no leader that this node reaches",
                    r -> r.client().failures()),
            gauge(
                    "client_proposals_in_flight",
                    "Proposals that wait for an answer",
                    "",
                    r -> r.client().inFlight()),
            durations(
                    "client_proposal_seconds",
                    "From a proposal to its answer, failures included",
                    "",
                    r -> r.client().latency()));

    private ClientMetrics() {}
}
