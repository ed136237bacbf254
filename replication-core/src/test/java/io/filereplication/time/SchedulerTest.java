package io.filereplication.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every scheduler does with a task that must not be lost. */
class SchedulerTest {
    private final ManualScheduler scheduler = new ManualScheduler();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void whatMustNotBeLostRunsAtOnceWhereThereIsRoom() {
        scheduler.executeSoon(runs::incrementAndGet);
        scheduler.runAll();

        assertThat(runs).hasValue(1);
        assertThat(scheduler.timers()).isZero();
    }

    @Test
    void whatMustNotBeLostIsTriedAgainWhenItWasRefused() {
        scheduler.refuseAfter(0);
        scheduler.executeSoon(runs::incrementAndGet);
        scheduler.runAll();
        assertThat(runs).hasValue(0);

        scheduler.advance(Scheduler.WHEN_FULL);

        assertThat(runs).hasValue(1);
        assertThat(scheduler.timers()).isZero();
    }
}
