package io.filereplication.time;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntUnaryOperator;

/**
 * A {@link Scheduler} that a test steps by hand: one thread, virtual time, one task at a time. Time moves only in
 * {@link #advance}, {@link #runUntil} and {@link Scheduler#sleep}, and then exactly to where it has to.
 *
 * <p>{@link #sleep} runs what becomes due meanwhile, nested on the same stack. Not thread-safe.
 */
public final class ManualScheduler implements Scheduler {
    private static final int ENDLESS = 1_000_000;

    private final List<Runnable> ready = new ArrayList<>();
    private final TreeSet<Timer> timers = new TreeSet<>(
            Comparator.comparingLong((Timer timer) -> timer.at).thenComparingLong(timer -> timer.sequence));
    private IntUnaryOperator chooser = waiting -> 0;
    private long now;
    private long sequence;
    private boolean closed;
    /** How many more tasks are taken before one is refused; negative: none is. */
    private int acceptedBeforeRefusal = -1;

    /** Chooses which of {@code n} waiting tasks runs next; the first one unless told otherwise. */
    public void chooseWith(IntUnaryOperator next) {
        chooser = next;
    }

    /** Takes {@code accepted} tasks more and refuses the next one, as a scheduler with too many does. */
    public void refuseAfter(int accepted) {
        acceptedBeforeRefusal = accepted;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (acceptedBeforeRefusal >= 0 && acceptedBeforeRefusal-- == 0) {
            throw new RejectedExecutionException("expected by the test");
        }
        if (!closed) {
            ready.add(task);
        }
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        Objects.requireNonNull(task, "task");
        if (closed) {
            return () -> {};
        }
        Timer timer = new Timer(now + Math.max(0, delay.toNanos()), sequence++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        if (closed || Thread.interrupted()) {
            throw new InterruptedException("The scheduler is closed");
        }
        runUntil(now + duration.toNanos());
        if (closed) {
            throw new InterruptedException("The scheduler was closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        ready.clear();
        timers.clear();
    }

    /** Runs one task that waits for a worker; false when none does. */
    public boolean runOne() {
        if (ready.isEmpty()) {
            return false;
        }
        ready.remove(chooser.applyAsInt(ready.size())).run();
        return true;
    }

    /** Runs tasks, and timers that are due now, until nothing is left to do at this time. */
    public void runAll() {
        runUntil(now);
    }

    /** Moves time by {@code duration}, running everything that becomes due on the way. */
    public void advance(Duration duration) {
        runUntil(now + duration.toNanos());
    }

    /** Moves time to the next timer and runs all that is due there; false when there is no timer. */
    public boolean advanceToNextTimer() {
        if (timers.isEmpty()) {
            return false;
        }
        runUntil(timers.first().at);
        return true;
    }

    private void runUntil(long target) {
        for (int steps = 0; ; steps++) {
            if (steps == ENDLESS) {
                throw new AssertionError("Still busy after " + ENDLESS + " tasks: something schedules itself for ever");
            }
            if (runOne()) {
                continue;
            }
            if (timers.isEmpty() || timers.first().at > target) {
                break;
            }
            Timer due = timers.pollFirst();
            now = Math.max(now, due.at);
            due.task.run();
        }
        now = Math.max(now, target);
    }

    /** How many tasks wait for a worker. */
    public int waiting() {
        return ready.size();
    }

    /** How many timers are set. */
    public int timers() {
        return timers.size();
    }

    public boolean isClosed() {
        return closed;
    }

    private record Timer(long at, long sequence, Runnable task) {}
}
