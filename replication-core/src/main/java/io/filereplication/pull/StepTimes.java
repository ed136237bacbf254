package io.filereplication.pull;

import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the time of a pull's steps and tells {@link PullTimings}, whose failures end here. Thread-safe. */
final class StepTimes {
    private static final Logger LOG = LoggerFactory.getLogger(StepTimes.class);

    private final PullTimings timings;
    private final Ticker ticker;
    private final NodeLog log;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    StepTimes(PullTimings timings, Ticker ticker, NodeLog log) {
        this.timings = timings;
        this.ticker = ticker;
        this.log = log;
    }

    /** To be handed back when the step is over. */
    long begin() {
        return ticker.nanoTime();
    }

    void waitedInQueue(Pull pull) {
        Duration took = since(pull.queuedAtNanos);
        tell(() -> timings.waitedInQueue(took));
    }

    void fetched(NodeId peer, int files, long bytes, long begun) {
        Duration took = since(begun);
        tell(() -> timings.fetched(peer, files, bytes, took));
    }

    void verified(long bytes, long begun) {
        Duration took = since(begun);
        tell(() -> timings.verified(bytes, took));
    }

    void published(Pull pull, long begun) {
        Duration took = since(begun);
        tell(() -> timings.published(pull.entry().sizeBytes(), took));
    }

    void registeredToPublished(Pull pull) {
        Duration took = since(pull.addedAtNanos);
        tell(() -> timings.registeredToPublished(took));
    }

    private Duration since(long begun) {
        return Duration.ofNanos(Math.max(0, ticker.nanoTime() - begun));
    }

    private void tell(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            if (!hasFailed.getAndSet(true)) {
                log.error(LOG, "{} failed; further failures of it are not logged", timings, e);
            }
        }
    }
}
