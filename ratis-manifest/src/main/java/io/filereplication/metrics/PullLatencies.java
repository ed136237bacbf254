package io.filereplication.metrics;

import io.filereplication.NodeId;
import io.filereplication.pull.PullTimings;
import java.time.Duration;

/** Counts how long the steps of pulls take. Thread-safe; hearing of one takes no lock. */
public final class PullLatencies implements PullTimings {
    /** What was heard so far. */
    public record Counts(
            DurationCounts queueWait,
            DurationCounts fetch,
            DurationCounts verify,
            DurationCounts publish,
            DurationCounts registeredToPublished) {}

    private final DurationHistogram queueWait = new DurationHistogram();
    private final DurationHistogram fetch = new DurationHistogram();
    private final DurationHistogram verify = new DurationHistogram();
    private final DurationHistogram publish = new DurationHistogram();
    private final DurationHistogram registeredToPublished = new DurationHistogram();

    @Override
    public void waitedInQueue(Duration took) {
        queueWait.add(took);
    }

    @Override
    public void fetched(NodeId peer, int files, long bytes, Duration took) {
        fetch.add(took);
    }

    @Override
    public void verified(long bytes, Duration took) {
        verify.add(took);
    }

    @Override
    public void published(long bytes, Duration took) {
        publish.add(took);
    }

    @Override
    public void registeredToPublished(Duration took) {
        registeredToPublished.add(took);
    }

    /** What was heard so far. */
    public Counts counts() {
        return new Counts(
                queueWait.counts(), fetch.counts(), verify.counts(), publish.counts(), registeredToPublished.counts());
    }
}
