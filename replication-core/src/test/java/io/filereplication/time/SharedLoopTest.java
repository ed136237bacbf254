package io.filereplication.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.loopback.SteppedScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedLoopTest {
    private static final Duration SLOW = Duration.ofNanos(SharedLoop.SLOW_NANOS);

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final List<Integer> done = new ArrayList<>();

    @Test
    void asksNobodyWhileStepsAreFast() {
        SharedLoop.run(List.of(1, 2, 3), scheduler, done::add);
        assertThat(done).containsExactly(1, 2, 3);
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void doesEverythingItselfWhenNobodyIsIdle() {
        SlowTicker busy = new SlowTicker();
        SharedLoop.run(List.of(1, 2, 3), busy, done::add);
        assertThat(done).containsExactly(1, 2, 3);
        assertThat(busy.pending()).isEqualTo(2);

        busy.advance(Duration.ZERO);
        assertThat(done).as("who comes late finds nothing to do").containsExactly(1, 2, 3);
    }

    /** Every step takes long, and the tasks of the scheduler run inside the first of them. */
    @Test
    void doesEachStepOnceWhoeverDoesIt() {
        SharedLoop.run(List.of(1, 2, 3, 4, 5), scheduler, item -> {
            scheduler.advance(SLOW);
            done.add(item);
        });
        assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void beginsNoStepAfterOneHasFailed() {
        SlowTicker busy = new SlowTicker();
        assertThatThrownBy(() -> SharedLoop.run(List.of(1, 2, 3, 4), busy, item -> {
                    if (item == 2) {
                        throw new IllegalStateException("two");
                    }
                    done.add(item);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("two");
        busy.advance(Duration.ZERO);
        assertThat(done).containsExactly(1);
    }

    @Test
    void twoThreadsAreInTheirStepsAtOnce() {
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger together = new AtomicInteger();
        try (ThreadScheduler threads = new ThreadScheduler("shared-loop", 2)) {
            SharedLoop.run(List.of(0, 1, 2), threads, item -> {
                long begun = System.nanoTime();
                while (item == 0 && System.nanoTime() - begun < SharedLoop.SLOW_NANOS) {
                    Thread.onSpinWait();
                }
                if (item > 0) {
                    both.countDown();
                    together.addAndGet(arrives(both) ? 1 : 0);
                }
            });
        }
        assertThat(together).hasValue(2);
    }

    private static boolean arrives(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A clock on which everything takes long, and workers that are all busy. */
    private static final class SlowTicker implements Scheduler {
        private final SteppedScheduler workers = new SteppedScheduler();
        private long now;

        int pending() {
            return workers.pending();
        }

        void advance(Duration duration) {
            workers.advance(duration);
        }

        @Override
        public long nanoTime() {
            now += SharedLoop.SLOW_NANOS;
            return now;
        }

        @Override
        public void execute(Runnable task) {
            workers.execute(task);
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return workers.schedule(delay, task);
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            workers.sleep(duration);
        }

        @Override
        public void close() {
            workers.close();
        }
    }
}
