package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {

    @Test
    void acceptsACounterOnceWithinItsWidth() {
        ReplayWindow window = new ReplayWindow();
        assertThat(window.accept(5_000)).isTrue();
        assertThat(window.accept(5_000)).isFalse();
        assertThat(window.accept(5_000 - ReplayWindow.WIDTH + 1)).isTrue();
        assertThat(window.accept(5_000 - ReplayWindow.WIDTH))
                .as("too old to be remembered")
                .isFalse();
        assertThat(window.accept(0)).isFalse();
        assertThat(window.accept(-1)).isFalse();
        assertThat(window.accept(Long.MAX_VALUE)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isFalse();
        assertThat(window.accept(5_001)).isFalse();
    }

    /** A peer that knows the secret may send any counter: none keeps the server busy for ever. */
    @Test
    @Timeout(20)
    void stepsToTheGreatestCounterThereIs() {
        ReplayWindow window = new ReplayWindow();
        assertThat(window.accept(Long.MAX_VALUE - 2)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE - 1)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isFalse();
    }

    /** Lesson 25: nothing is forgotten while it could still be accepted. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithASetThatForgetsNothing(long seed) {
        Random random = new Random(seed);
        ReplayWindow window = new ReplayWindow();
        Set<Long> seen = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 200_000; i++) {
            long step = random.nextInt(1_000) == 0 ? random.nextInt(20_000) : random.nextInt(40) - 20;
            long counter = Math.max(0, highest + step - (random.nextInt(50) == 0 ? random.nextInt(5_000) : 0));
            boolean fresh = counter > 0 && counter > highest - ReplayWindow.WIDTH && seen.add(counter);
            assertThat(window.accept(counter)).isEqualTo(fresh);
            highest = Math.max(highest, counter);
        }
    }
}
