package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.NodeId;
import io.filereplication.pull.PeerFailure;
import io.filereplication.time.ManualScheduler;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ratis's registries and JMX show a group's metrics while it is open, with the default implementation of Ratis's metrics. */
class GroupMetricsTest {
    private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

    private final ManualScheduler time = new ManualScheduler();
    private final AtomicInteger taken = new AtomicInteger();
    private final RaftGroupMemberId member =
            RaftGroupMemberId.valueOf(RaftPeerId.valueOf("n1"), RaftGroupId.randomId());
    private Reading reading = Readings.from(1_000);
    private final GroupMetrics metrics = new GroupMetrics(member, this::read, time);

    private Reading read() {
        taken.incrementAndGet();
        return reading;
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void numbersAreBeansUnderTheNamesOfTheCatalogue() throws Exception {
        metrics.register();

        assertThat(bean("pulled_bytes")).isEqualTo(reading.pull().pulledBytes());
        assertThat(bean("fully_caught_up")).isEqualTo(1L);
        assertThat(bean("serve_peer_bytes.n2"))
                .isEqualTo(reading.serve().peers().get(NodeId.of("n2")).bytes());
        assertThat(bean("pull_peer_failures.n2.unreachable"))
                .isEqualTo(
                        reading.pull().peers().get(NodeId.of("n2")).failures().get(PeerFailure.UNREACHABLE));
        assertThat(bean("client_proposal_seconds_count")).isEqualTo(1L);
        assertThat(bean("client_proposal_seconds_p99")).isEqualTo(0.0);
        for (Metric metric : Catalogue.all()) {
            assertThat(beans()).anySatisfy(name -> assertThat(name).startsWith(metric.name()));
        }
    }

    @Test
    void beansFollowWhatIsCounted() throws Exception {
        metrics.register();
        reading = Readings.from(3_000);

        time.advance(RecentReadings.FRESH);

        assertThat(bean("pulled")).isEqualTo(reading.pull().pulled());
    }

    @Test
    void ratesAreOfTheLastMinute() throws Exception {
        metrics.register();
        reading = Readings.from(2_000);
        time.advance(Duration.ofSeconds(10));
        assertThat(bean("pulled_per_second")).isEqualTo(100.0);

        time.advance(RecentReadings.WINDOW.multipliedBy(2));

        assertThat(bean("pulled_per_second")).isEqualTo(0.0);
    }

    @Test
    void quantilesAreOfTheLastMinute() throws Exception {
        DurationHistogram histogram = new DurationHistogram();
        histogram.add(Duration.ofSeconds(100));
        reading = withLatency(histogram.counts());
        GroupMetrics own = new GroupMetrics(
                RaftGroupMemberId.valueOf(RaftPeerId.valueOf("n9"), member.getGroupId()), () -> reading, time);
        try (own) {
            own.register();
            histogram.add(Duration.ofMillis(1));
            reading = withLatency(histogram.counts());
            time.advance(Duration.ofSeconds(1));

            assertThat((double) bean(own, "client_proposal_seconds_p99")).isBetween(0.0005, 0.001);
            assertThat(bean(own, "client_proposal_seconds_count")).isEqualTo(2L);
        }
    }

    private static Reading withLatency(DurationCounts counts) {
        Reading sample = Readings.from(1);
        return new Reading(
                sample.pull(),
                sample.pulling(),
                sample.rejections(),
                sample.readiness(),
                sample.manifest(),
                sample.snapshots(),
                sample.serve(),
                new ClientNumbers(1, 0, 0, counts),
                sample.networkUnprotected());
    }

    @Test
    void beansOfPeersComeAndGoWithThem() throws Exception {
        metrics.register();
        assertThat(beans()).contains("serve_peer_bytes.n2");

        reading = Readings.from(1_000, "n3");
        time.advance(RecentReadings.INTERVAL);

        assertThat(beans()).contains("serve_peer_bytes.n3").doesNotContain("serve_peer_bytes.n2");
    }

    @Test
    void manyWhoAskCauseOneReading() throws Exception {
        metrics.register();
        time.advance(RecentReadings.FRESH);
        int before = taken.get();

        for (String name : beans()) {
            bean(name);
        }

        assertThat(taken.get() - before).isEqualTo(1);
    }

    @Test
    void closingLeavesNothingBehind() throws Exception {
        metrics.register();
        metrics.register();
        assertThat(beans()).isNotEmpty();
        assertThat(registries()).isEqualTo(1);

        metrics.close();
        metrics.close();

        assertThat(beans()).isEmpty();
        assertThat(registries()).isZero();
        assertThat(time.timers()).isZero();
    }

    @Test
    void aClosedGroupIsNotRegisteredAgain() throws Exception {
        metrics.close();

        metrics.register();

        assertThat(beans()).isEmpty();
    }

    @Test
    void aGroupThatIsOpenedAgainShowsItsOwnNumbers() throws Exception {
        metrics.register();
        metrics.close();
        try (GroupMetrics again = new GroupMetrics(member, () -> Readings.from(9_000), time)) {
            again.register();

            assertThat(bean("pulled")).isEqualTo(Readings.from(9_000).pull().pulled());
        }
    }

    private Object bean(String name) throws JMException {
        return bean(metrics, name);
    }

    private static Object bean(GroupMetrics group, String name) throws JMException {
        return BEANS.getAttribute(
                new ObjectName("file_replication:name=file_replication.group." + group.member() + "." + name), "Value");
    }

    /** How many the group has; those of servers of other tests come and go. */
    private long registries() {
        return MetricRegistries.global().getMetricRegistryInfos().stream()
                .filter(info -> info.getPrefix().equals(member.toString()))
                .count();
    }

    /** Names behind the group's. */
    private Set<String> beans() {
        String prefix = "file_replication.group." + member + ".";
        Set<String> names = new TreeSet<>();
        for (ObjectName name : BEANS.queryNames(null, null)) {
            String key = name.getKeyProperty("name");
            if (name.getDomain().equals("file_replication") && key.startsWith(prefix)) {
                names.add(key.substring(prefix.length()));
            }
        }
        return names;
    }
}
