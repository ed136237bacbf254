package io.filereplication.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PullerConfigTest {
    private static PullerConfig.Builder builder() {
        return PullerConfig.defaults().selfNodeId(OneNode.SELF);
    }

    @Test
    void theDefaultsAreTheDocumentedOnes() {
        PullerConfig config = builder().build();
        assertThat(config.workers()).isEqualTo(4);
        assertThat(config.queueSize()).isEqualTo(1_024);
        assertThat(config.attempts()).isEqualTo(3);
        assertThat(config.initialBackoff()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.maxBackoff()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.progressTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.catchUpHighWater()).isEqualTo(0.8);
        assertThat(config.catchUpInterval()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.barrierWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.deleteGrace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.scrubInterval()).isEqualTo(Duration.ofDays(7));
        assertThat(config.scrubBytesPerSecond()).isEqualTo(20_000_000);
        assertThat(config.filter()).isSameAs(ReplicationFilter.ALL);
    }

    @Test
    void aNumberOutOfRangeIsNamedWithItsValue() {
        refuses("workers is 0", settings -> settings.workers(0));
        refuses("queueSize is -1", settings -> settings.queueSize(-1));
        refuses("waitingSize is 0", settings -> settings.waitingSize(0));
        refuses("attempts is 0", settings -> settings.attempts(0));
        refuses("bulkFiles is -1", settings -> settings.bulkFiles(-1));
        refuses("catchUpHighWater is 1.5", settings -> settings.catchUpHighWater(1.5));
        refuses("bulkShare is NaN", settings -> settings.bulkShare(Double.NaN));
        refuses("initialBackoff is PT0S", settings -> settings.initialBackoff(Duration.ZERO));
        refuses("deleteGrace is PT-1S", settings -> settings.deleteGrace(Duration.ofSeconds(-1)));
        refuses("scrubBytesPerSecond is 0", settings -> settings.scrubBytesPerSecond(0));
    }

    @Test
    void settingsThatContradictEachOtherAreBothNamed() {
        refuses(
                "initialBackoff PT1M is longer than maxBackoff PT30S",
                settings -> settings.initialBackoff(Duration.ofMinutes(1)).build());
    }

    @Test
    void aMissingPartIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PullerConfig.defaults().build())
                .withMessageContaining("selfNodeId");
        assertThatNullPointerException()
                .isThrownBy(() -> new PullerPeers(null, (origin, path) -> List.of(), Set::of))
                .withMessage("fetcher");
    }

    @Test
    void aBuiltConfigurationIsFrozen() {
        PullerConfig.Builder settings = builder();
        PullerConfig config = settings.build();
        settings.workers(9);
        assertThat(config.workers()).isEqualTo(4);
    }

    private static void refuses(String message, Consumer<PullerConfig.Builder> setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(builder()))
                .withMessageContaining(message);
    }
}
