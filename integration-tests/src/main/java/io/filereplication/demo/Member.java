package io.filereplication.demo;

import java.time.Duration;

/**
 * A node of the demo cluster: how it is called, how it was started, and the process it runs in.
 *
 * @param name as it is shown: a node that comes back under a new id keeps its name
 */
record Member(String name, NodeSettings settings, NodeProcess process) {
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(20);

    PeerAddress address() {
        return settings.self();
    }

    NodeReport status() throws DemoFailure, InterruptedException {
        return NodeReport.of(process.call(Verb.STATUS, Fields.NONE, STATUS_TIMEOUT));
    }
}
