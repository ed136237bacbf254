package io.filereplication.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadSchedulerTest {
    private final ThreadScheduler scheduler = new ThreadScheduler("test-scheduler", 2);

    @AfterEach
    void leavesNoThread() {
        scheduler.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.isAlive() && thread.getName().startsWith("test-scheduler"))
                .isEmpty();
    }

    @Test
    void runsAsManyTasksAtOnceAsItHasWorkers() throws InterruptedException {
        CountDownLatch bothRun = new CountDownLatch(2);
        CountDownLatch third = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            scheduler.execute(() -> {
                bothRun.countDown();
                awaitQuietly(bothRun);
            });
        }
        scheduler.execute(third::countDown);
        bothRun.await();
        third.await();
    }

    @Test
    void aFailingTaskStopsNeitherWorkersNorTimer() throws InterruptedException {
        CountDownLatch after = new CountDownLatch(2);
        for (int i = 0; i < 4; i++) {
            scheduler.execute(() -> {
                throw new IllegalStateException("expected by the test");
            });
        }
        scheduler.schedule(Duration.ZERO, () -> {
            throw new IllegalStateException("expected by the test");
        });
        scheduler.execute(after::countDown);
        scheduler.schedule(Duration.ofMillis(1), after::countDown);
        after.await();
    }

    @Test
    void runsTimersInTheOrderOfTheirTimes() throws InterruptedException {
        List<Integer> order = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch scheduled = new CountDownLatch(1);
        scheduler.schedule(Duration.ZERO, () -> awaitQuietly(scheduled));
        // However long this thread is held up between two of them, their times are in this order.
        scheduler.schedule(Duration.ofHours(1), () -> order.add(3));
        scheduler.schedule(Duration.ofMillis(1), () -> order.add(1));
        scheduler.schedule(Duration.ofMillis(2), () -> {
            order.add(2);
            done.countDown();
        });
        scheduled.countDown();
        done.await();
        assertThat(order).containsExactly(1, 2);
    }

    @Test
    void aCancelledTimerDoesNotRun() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        scheduler.schedule(Duration.ZERO, () -> awaitQuietly(cancelled));
        Scheduler.Cancellable timer = scheduler.schedule(Duration.ZERO, runs::incrementAndGet);
        scheduler.schedule(Duration.ofMillis(1), done::countDown);
        timer.cancel();
        timer.cancel();
        cancelled.countDown();
        done.await();
        assertThat(runs).hasValue(0);
    }

    @Test
    void closeInterruptsWhatRunsAndForgetsTheRest() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(2);
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger late = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            scheduler.execute(() -> {
                running.countDown();
                try {
                    scheduler.sleep(Duration.ofHours(1));
                } catch (InterruptedException e) {
                    interrupted.incrementAndGet();
                }
            });
        }
        running.await();
        scheduler.execute(late::incrementAndGet);
        scheduler.schedule(Duration.ofHours(1), late::incrementAndGet);
        scheduler.close();
        scheduler.close();
        scheduler.execute(late::incrementAndGet);
        scheduler.schedule(Duration.ZERO, late::incrementAndGet).cancel();
        assertThat(interrupted).hasValue(2);
        assertThat(late).hasValue(0);
    }

    /** Each thread that could not be started was kept, so a node that lacks threads lost memory as well. */
    @Test
    void keepsNothingOfAThreadThatWasNeverStarted() throws InterruptedException {
        ThreadScheduler.OwnThreads threads = new ThreadScheduler.OwnThreads("never-started");
        for (int i = 0; i < 10; i++) {
            Thread unused = threads.newWorker(() -> {});
        }
        assertThat(threads.known()).isZero();

        Thread started = threads.newWorker(() -> {});
        started.start();
        assertThat(threads.known()).isEqualTo(1);
        started.join();
        assertThatThrownBy(started::start).isInstanceOf(IllegalThreadStateException.class);
        assertThat(threads.known()).as("one that cannot be started").isZero();
    }

    @Test
    void aTaskMayCloseItsOwnScheduler() throws InterruptedException {
        AtomicReference<Thread> closer = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        scheduler.execute(() -> {
            closer.set(Thread.currentThread());
            scheduler.close();
            closed.countDown();
        });
        closed.await();
        closer.get().join();
    }

    @Test
    void refusesToHaveNoWorker() {
        assertThatThrownBy(() -> new ThreadScheduler("none", 0)).hasMessageContaining("0");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
