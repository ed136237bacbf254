package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.gauge;

import java.util.List;

/** Whether the node is as it should be. */
final class ReadinessMetrics {
    static final List<Metric> ALL = List.of(
            gauge(
                    "fully_caught_up",
                    "1 when everything that was registered when this node last proved its manifest current is here",
                    "Look when it stays 0 for longer than the files that are missing take to be sent",
                    r -> r.readiness().fullyCaughtUp() ? 1 : 0),
            gauge(
                    "catch_up_completed",
                    "1 when a walk over the manifest has finished since the process began",
                    "Look when it stays 0 for minutes after a start",
                    r -> r.readiness().catchUpCompleted() ? 1 : 0),
            gauge(
                    "caught_up_index",
                    "Log index up to which every file of the manifest is here, -1 while none is known",
                    "",
                    r -> r.readiness().caughtUpIndex()),
            gauge(
                    "problem",
                    "1 when nothing is removed here because the records of the disk and the manifest do not belong together",
                    "Page: the Raft directory was lost, or the storage root is another group's; the log says which",
                    r -> r.readiness().problem() ? 1 : 0),
            gauge(
                    "network_unprotected",
                    "1 when this node listens beyond loopback without mutual TLS",
                    "Look once: it is either meant or a mistake",
                    r -> r.networkUnprotected() ? 1 : 0));

    private ReadinessMetrics() {}
}
