package io.filereplication.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.loopback.SteppedScheduler;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthLimitsTest {
    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final BandwidthLimits<String> limits = new BandwidthLimits<>(scheduler);

    /** How many chunks of 1,000 bytes go through in ten seconds. */
    private int chunksInTenSeconds(String... peers) {
        long until = scheduler.nanoTime() + Duration.ofSeconds(10).toNanos();
        int chunks = 0;
        while (scheduler.nanoTime() - until < 0) {
            long soonest = Long.MAX_VALUE;
            for (String peer : peers) {
                long wait = limits.take(peer, 1_000);
                chunks += wait == 0 ? 1 : 0;
                soonest = Math.min(soonest, Math.max(wait, 1));
            }
            scheduler.advance(Duration.ofNanos(soonest));
        }
        return chunks;
    }

    @Test
    void absentIsUnlimited() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(limits.take("a", Integer.MAX_VALUE)).isZero();
        }
    }

    @Test
    void limitsTheNodeOverAllPeers() {
        limits.limitNode(OptionalLong.of(5_000));
        assertThat(chunksInTenSeconds("a", "b")).isBetween(49, 53);
    }

    @Test
    void limitsEachPeer() {
        limits.limitEachPeer(OptionalLong.of(5_000));
        assertThat(chunksInTenSeconds("a", "b")).isBetween(98, 106);
    }

    @Test
    void whatHasGoneAlreadyIsWaitedForByTheNext() {
        limits.charge("a", 1_000);
        assertThat(limits.take("a", 1_000)).as("there is no limit").isZero();
        limits.limitNode(OptionalLong.of(1_000));
        limits.limitEachPeer(OptionalLong.of(1_000));
        limits.charge("a", 500);
        limits.charge("b", 250);
        assertThat(limits.take("b", 1)).isEqualTo(750_000_000L);
        scheduler.advance(Duration.ofMillis(750));
        assertThat(limits.take("b", 1)).isZero();
    }

    @Test
    void aChangeAppliesToWhoIsWaiting() {
        limits.limitNode(OptionalLong.of(1));
        assertThat(limits.take("a", 1_000)).isZero();
        assertThat(limits.take("a", 1_000))
                .as("ask again at the latest after a second")
                .isEqualTo(1_000_000_000L);
        limits.limitNode(OptionalLong.of(1_000_000));
        scheduler.advance(Duration.ofMillis(1));
        assertThat(limits.take("a", 1_000)).isZero();
        limits.limitNode(OptionalLong.of(1));
        assertThat(limits.take("a", 1_000)).isPositive();
        limits.limitNode(OptionalLong.empty());
        assertThat(limits.take("a", 1_000)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void zeroIsRefused(long limit) {
        assertThatThrownBy(() -> limits.limitNode(OptionalLong.of(limit)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(limit));
        assertThatThrownBy(() -> limits.limitEachPeer(OptionalLong.of(limit)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
