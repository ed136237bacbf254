package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which threads work for this puller right now, so that closing it can interrupt exactly those and wait for them, on a
 * scheduler that others use as well. Thread-safe.
 */
final class ActiveThreads {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveThreads.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    /** Work that an interrupt ends. */
    @FunctionalInterface
    interface Body {
        void run() throws InterruptedException;
    }

    private final String owner;
    private final Scheduler scheduler;
    /** A thread may be here several times: a simulation runs other tasks inside a sleeping one. */
    private final Map<Thread, Integer> depths = new LinkedHashMap<>();

    private boolean closed;

    ActiveThreads(String owner, Scheduler scheduler) {
        this.owner = owner;
        this.scheduler = scheduler;
    }

    /** Runs {@code body} on this thread unless closed. An interrupt ends it, and is used up by that. */
    void run(Body body) {
        if (!enter()) {
            return;
        }
        try {
            body.run();
        } catch (InterruptedException e) {
            LOG.debug("{}: interrupted", owner);
        } finally {
            exit();
        }
    }

    private synchronized boolean enter() {
        if (!closed) {
            depths.merge(Thread.currentThread(), 1, Integer::sum);
        }
        return !closed;
    }

    private synchronized void exit() {
        depths.computeIfPresent(Thread.currentThread(), (thread, depth) -> depth == 1 ? null : depth - 1);
        if (closed) {
            Thread.interrupted(); // ours; the thread's next task belongs to somebody else
        }
    }

    /** Lets nothing new in, interrupts what runs and waits for it, though not for the calling thread itself. */
    void close(Duration timeout) {
        Thread self = Thread.currentThread();
        synchronized (this) {
            closed = true;
            for (Thread thread : depths.keySet()) {
                if (thread != self) {
                    thread.interrupt();
                }
            }
        }
        long deadline = scheduler.nanoTime() + timeout.toNanos();
        try {
            while (othersThan(self) > 0) {
                if (deadline - scheduler.nanoTime() <= 0) {
                    LOG.warn("{}: {} workers still run {} after close", owner, othersThan(self), timeout);
                    return;
                }
                // Not a monitor: those waited for may be able to go on only while this thread waits in the scheduler.
                scheduler.sleep(LOOK_AGAIN);
            }
        } catch (InterruptedException e) {
            self.interrupt();
        }
    }

    private synchronized int othersThan(Thread self) {
        return depths.containsKey(self) ? depths.size() - 1 : depths.size();
    }
}
