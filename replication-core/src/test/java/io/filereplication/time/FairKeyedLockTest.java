package io.filereplication.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FairKeyedLockTest {
    private final FairKeyedLock<String> lock = new FairKeyedLock<>();

    @Test
    void oneKeyIsHeldOnceAtATime() throws InterruptedException {
        int[] counter = {0};
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(start(() -> {
                for (int n = 0; n < 1_000; n++) {
                    try (KeyedLock.Held held = lock.lock("a")) {
                        counter[0]++;
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counter[0]).isEqualTo(4_000);
        assertThat(lock.size()).isZero();
    }

    @Test
    void otherKeysGoOn() throws InterruptedException {
        try (KeyedLock.Held a = lock.lock("a");
                KeyedLock.Held b = lock.lock("b")) {
            assertThat(lock.size()).isEqualTo(2);
        }
        assertThat(lock.size()).isZero();
    }

    @Test
    void releasingTwiceLetsOnlyOneOtherIn() throws InterruptedException {
        KeyedLock.Held first = lock.lock("a");
        first.close();
        KeyedLock.Held second = lock.lock("a");
        first.close();
        CountDownLatch entered = new CountDownLatch(1);
        Thread waiting = start(() -> {
            try (KeyedLock.Held held = lock.lock("a")) {
                entered.countDown();
            }
        });
        assertThat(entered.getCount()).isEqualTo(1);
        second.close();
        waiting.join();
        assertThat(entered.getCount()).isZero();
    }

    @Test
    void anInterruptEndsTheWaitAndLeavesNothingBehind() throws InterruptedException {
        AtomicReference<InterruptedException> seen = new AtomicReference<>();
        try (KeyedLock.Held held = lock.lock("a")) {
            Thread waiting = start(() -> {
                try (KeyedLock.Held never = lock.lock("a")) {
                    throw new AssertionError("held twice");
                } catch (InterruptedException e) {
                    seen.set(e);
                }
            });
            waiting.interrupt();
            waiting.join();
            assertThat(seen.get()).isNotNull();
            assertThat(lock.size()).isEqualTo(1);
        }
        assertThat(lock.size()).isZero();
    }

    private interface Body {
        void run() throws InterruptedException;
    }

    private static Thread start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }
}
