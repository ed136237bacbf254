package io.filereplication.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Durations in buckets, and what can be said of them. */
class DurationHistogramTest {
    private final DurationHistogram histogram = new DurationHistogram();

    @Test
    void aBoundIsInsideItsBucketAndWhatIsLongerIsBehindIt() {
        histogram.add(Duration.ofMillis(1));
        histogram.addNanos(1_000_001);

        DurationCounts counts = histogram.counts();
        int bucket = DurationCounts.BOUNDS_SECONDS.indexOf(0.001);
        assertThat(counts.buckets().get(bucket)).isEqualTo(1);
        assertThat(counts.buckets().get(bucket + 1)).isEqualTo(1);
        assertThat(counts.count()).isEqualTo(2);
        assertThat(counts.sumSeconds()).isCloseTo(0.002000001, within(1e-12));
    }

    @Test
    void theShortestAndTheLongestAreCountedToo() {
        histogram.addNanos(-5);
        histogram.addNanos(0);
        histogram.add(Duration.ofDays(400));

        DurationCounts counts = histogram.counts();
        assertThat(counts.buckets().get(0)).isEqualTo(2);
        assertThat(counts.buckets().get(DurationCounts.BOUNDS_SECONDS.size())).isEqualTo(1);
        assertThat(counts.quantile(0.99)).isEqualTo(1000.0);
    }

    @Test
    void aQuantileLiesInTheBucketOfItsDuration() {
        for (int i = 0; i < 90; i++) {
            histogram.add(Duration.ofMillis(3));
        }
        for (int i = 0; i < 10; i++) {
            histogram.add(Duration.ofSeconds(4));
        }

        DurationCounts counts = histogram.counts();
        assertThat(counts.quantile(0.5)).isBetween(0.002, 0.005);
        assertThat(counts.quantile(0.9)).isBetween(0.002, 0.005);
        assertThat(counts.quantile(0.95)).isBetween(2.0, 5.0);
        assertThat(counts.quantile(1)).isEqualTo(5.0);
        assertThat(counts.mean()).isCloseTo(0.4027, within(1e-9));
    }

    @Test
    void nothingHasNoQuantileAndNoMean() {
        assertThat(DurationCounts.NONE.quantile(0.99)).isZero();
        assertThat(DurationCounts.NONE.mean()).isZero();
    }

    @Test
    void whatCameSinceIsCountedAlone() {
        histogram.add(Duration.ofSeconds(100));
        DurationCounts before = histogram.counts();
        histogram.add(Duration.ofMillis(1));

        DurationCounts recent = histogram.counts().since(before);

        assertThat(recent.count()).isEqualTo(1);
        assertThat(recent.quantile(0.99)).isLessThanOrEqualTo(0.001);
        assertThat(recent.mean()).isCloseTo(0.001, within(1e-9));
    }
}
