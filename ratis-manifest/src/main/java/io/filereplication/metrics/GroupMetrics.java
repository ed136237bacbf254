package io.filereplication.metrics;

import io.filereplication.time.Scheduler;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one group on one node. Between {@link #register} and {@link #close} they are in Ratis's metrics, and so in
 * JMX when the embedder's implementation of them says so.
 *
 * <p>Every metric is a gauge there, since what it shows is counted elsewhere. One with a label has a gauge for each of the
 * label's values, which come and go; a distribution has five: {@code _count}, {@code _mean}, {@code _p50}, {@code _p95} and
 * {@code _p99}, all but the first of the last minute.
 *
 * <p>Thread-safe. Reading a metric takes no lock for longer than a map look-up, and never blocks on I/O.
 */
public final class GroupMetrics implements AutoCloseable {
    /** The application in Ratis's registries, which is the domain in JMX. */
    public static final String APPLICATION = "file_replication";
    /** The component. */
    public static final String COMPONENT = "group";

    private static final String DESCRIPTION = "Metrics of file replication";
    /** Gauges of one metric; more than there can be of members, times reasons. */
    private static final int MAX_VALUES = 10_240;

    private final RaftGroupMemberId member;
    private final Scheduler scheduler;
    private final RecentReadings readings;
    /** Names of gauges for values of labels. Guarded by this. */
    private final Set<String> labelled = new HashSet<>();

    private @Nullable RatisMetricRegistry registry;
    private Scheduler.@Nullable Cancellable next;
    private boolean closed;

    /** Metrics of {@code member}, read from {@code source}, which takes no time; on {@code scheduler}'s clock and threads. */
    public GroupMetrics(RaftGroupMemberId member, Supplier<Reading> source, Scheduler scheduler) {
        this.member = member;
        this.scheduler = scheduler;
        this.readings = new RecentReadings(source, scheduler);
    }

    /** Whose metrics these are. */
    public RaftGroupMemberId member() {
        return member;
    }

    /** What there is to see now. */
    public Observation observe() {
        return readings.observe();
    }

    /** Makes the metrics known to Ratis. Does nothing the second time, nor after {@link #close}. */
    public synchronized void register() {
        if (closed || registry != null) {
            return;
        }
        RatisMetricRegistry made = MetricRegistries.global().create(info());
        registry = made;
        Observation now = observe();
        for (Metric metric : Catalogue.all()) {
            if (metric instanceof Metric.Durations durations) {
                register(made, durations);
            } else if (metric instanceof Metric.Numbers numbers
                    && metric.description().labels().isEmpty()) {
                gauge(made, metric.name(), () -> value(numbers, List.of()));
            }
        }
        registerLabelled(made, now);
        next = scheduler.schedule(RecentReadings.INTERVAL, this::tick);
    }

    private MetricRegistryInfo info() {
        return new MetricRegistryInfo(member.toString(), APPLICATION, COMPONENT, DESCRIPTION);
    }

    private void register(RatisMetricRegistry made, Metric.Durations durations) {
        String name = durations.name();
        gauge(
                made,
                name + "_count",
                () -> durations.counts().apply(observe().now()).count());
        gauge(made, name + "_mean", () -> recent(durations).mean());
        gauge(made, name + "_p50", () -> recent(durations).quantile(0.5));
        gauge(made, name + "_p95", () -> recent(durations).quantile(0.95));
        gauge(made, name + "_p99", () -> recent(durations).quantile(0.99));
    }

    private DurationCounts recent(Metric.Durations durations) {
        Observation seen = observe();
        return durations.counts().apply(seen.now()).since(durations.counts().apply(seen.before()));
    }

    private Number value(Metric.Numbers numbers, List<String> labelValues) {
        return numbers.values().apply(observe()).getOrDefault(labelValues, 0L);
    }

    private static void gauge(RatisMetricRegistry made, String name, Supplier<Number> value) {
        made.gauge(name, () -> value);
    }

    /** On the timer. */
    private void tick() {
        synchronized (this) {
            if (closed) {
                return;
            }
            next = scheduler.schedule(RecentReadings.INTERVAL, this::tick);
        }
        // A reading for which there is no worker is left out; the next comes soon.
        boolean unused = scheduler.tryExecute(this::keep);
    }

    /** The numbers of a minute ago are kept, and gauges follow the peers that come and go. */
    private void keep() {
        readings.keep();
        Observation now = observe();
        synchronized (this) {
            if (registry != null) {
                registerLabelled(registry, now);
            }
        }
    }

    private void registerLabelled(RatisMetricRegistry made, Observation now) {
        Set<String> present = new HashSet<>();
        for (Metric metric : Catalogue.all()) {
            if (metric instanceof Metric.Numbers numbers
                    && !metric.description().labels().isEmpty()) {
                numbers.values().apply(now).keySet().stream().limit(MAX_VALUES).forEach(labelValues -> {
                    // A dot, which no metric's own name has: whatever a peer is called, it stays apart from them.
                    String name = metric.name() + "." + String.join(".", labelValues);
                    present.add(name);
                    if (labelled.add(name)) {
                        gauge(made, name, () -> value(numbers, labelValues));
                    }
                });
            }
        }
        labelled.removeIf(name -> {
            boolean gone = !present.contains(name);
            if (gone) {
                made.remove(name);
            }
            return gone;
        });
    }

    /** Takes the metrics out of Ratis's registries. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel();
        }
        if (registry != null) {
            registry = null;
            MetricRegistries.global().remove(info());
        }
    }

    @Override
    public String toString() {
        return "metrics of " + member;
    }
}
