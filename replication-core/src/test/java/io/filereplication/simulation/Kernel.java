package io.filereplication.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time over virtual time. There is one baton; whoever has it runs, and gives it away only in here. Which
 * of the runnable tasks goes on is drawn from the seed; when there is none, time moves to the next alarm.
 *
 * <p>All methods but {@link #run} are called with the baton, that is, by a task.
 */
final class Kernel {
    /** A simulation that makes no step for so long is stuck in a lock. */
    private static final long STUCK_SECONDS = 30;
    /** Told so often that its process has ended, a task must be in an endless loop. */
    private static final int MOST_ENDS_TOLD = 10_000;

    private static final int MOST_ESCAPED = 20;
    /** Steps without virtual time moving on: somebody is busy for ever. */
    private static final long MOST_STEPS_AT_ONE_TIME = 2_000_000;

    /** Something that is due at a time. */
    static final class Alarm implements Comparable<Alarm> {
        final long at;
        final long sequence;
        final Runnable action;
        boolean cancelled;

        Alarm(long at, long sequence, Runnable action) {
            this.at = at;
            this.sequence = sequence;
            this.action = action;
        }

        @Override
        public int compareTo(Alarm other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
        }
    }

    /** Somebody who waits for the step at which something is so. */
    private record Ambush(Task task, BooleanSupplier condition) {}

    private final SplittableRandom choices;
    private final CarrierPool pool;
    private final Trace trace;
    private final int switchPermille;
    private final CountDownLatch done = new CountDownLatch(1);
    private final TreeSet<Task> live = new TreeSet<>();
    private final List<Task> runnable = new ArrayList<>();
    private final List<Ambush> ambushes = new ArrayList<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private final List<Throwable> escaped = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final SimulatedProcess world = new SimulatedProcess("world");
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private @Nullable Task current;
    /** Goes on next, whatever the seed says. */
    private @Nullable Task called;

    private volatile long steps;
    private long handovers;
    private long stepsAtThisTime;
    private long now = 1_000_000_000L;
    private long sequence;
    private boolean over;

    /**
     * A kernel that has not begun.
     *
     * @param switchPermille how often, of 1000 steps, somebody else may go on
     */
    Kernel(long seed, int switchPermille, CarrierPool pool, Trace trace) {
        this.choices = new SplittableRandom(seed);
        this.switchPermille = switchPermille;
        this.pool = pool;
        this.trace = trace;
        processes.add(world);
    }

    // From outside.

    /** Runs {@code root} in the world, and what it brings to life, until {@code root} ends; then kills the rest. */
    void run(Runnable root) {
        Task first = spawn(world, "root", () -> {
            try {
                root.run();
            } finally {
                endAll();
            }
        });
        runnable.remove(first);
        Carrier carrier = carrierFor(first);
        carrier.takeBaton();
        awaitDone();
    }

    private void awaitDone() {
        try {
            long before = -1;
            while (!done.await(STUCK_SECONDS, TimeUnit.SECONDS)) {
                if (steps == before) {
                    throw new AssertionError(
                            "No step for " + STUCK_SECONDS + " s: a task waits for a real lock\n" + pool.stacks());
                }
                before = steps;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    // Time, chance and what happened.

    long now() {
        return now;
    }

    long steps() {
        return steps;
    }

    long handovers() {
        return handovers;
    }

    Trace trace() {
        return trace;
    }

    /** What ended tasks that was neither foreseen nor the end of their process. */
    List<Throwable> escaped() {
        return escaped;
    }

    /** What was logged as an error. */
    List<String> errors() {
        return errors;
    }

    void note(String what, long detail) {
        trace.note(now, current == null ? 0 : current.id, what, detail);
    }

    SimulatedProcess process(String name) {
        SimulatedProcess process = new SimulatedProcess(name);
        processes.add(process);
        return process;
    }

    SimulatedProcess world() {
        return world;
    }

    Task current() {
        Task task = current;
        if (task == null) {
            throw new IllegalStateException("Only a task may ask");
        }
        return task;
    }

    // Tasks.

    /** A new task that may go on at once. */
    Task spawn(SimulatedProcess process, String name, Runnable body) {
        Task task = new Task(sequence++, name, process, body);
        process.taskBegan();
        live.add(task);
        runnable.add(task);
        return task;
    }

    /** Runs {@code action}, which must neither block nor make a step, when {@code delay} has passed. */
    Alarm at(long delayNanos, Runnable action) {
        Alarm alarm = new Alarm(now + Math.max(0, delayNanos), sequence++, action);
        alarms.add(alarm);
        return alarm;
    }

    void cancel(Alarm alarm) {
        if (!alarm.cancelled) {
            alarm.cancelled = true;
            alarms.remove(alarm);
        }
    }

    /** A step: whoever calls may lose its turn here, and learns here that its process has ended. */
    void step(String what, long detail) {
        Task task = current();
        refuseIfEnded(task);
        count();
        note(what, detail);
        if (springAmbush() || task.process.isStopped() || choices.nextInt(1_000) < switchPermille) {
            runnable.add(task);
            giveWay(task);
            refuseIfEnded(task);
        }
    }

    private void count() {
        long made = steps + 1;
        steps = made; // only whoever has the baton writes it; the thread that watches over us reads it
        if (++stepsAtThisTime > MOST_STEPS_AT_ONE_TIME && !over) {
            giveUp("Time stands still: " + current + " and others are busy for ever");
        }
    }

    /** Waits until {@code signal} is given, somebody interrupts, or {@code nanos} have passed (negative: for ever). */
    void await(@Nullable Signal signal, long nanos) {
        Task task = current();
        refuseIfEnded(task);
        count();
        task.state = Task.State.BLOCKED;
        task.waitsFor = signal;
        if (signal != null) {
            signal.waiting.add(task);
        }
        if (nanos >= 0) {
            task.alarm = at(nanos, () -> wake(task));
        }
        giveWay(task);
        refuseIfEnded(task);
    }

    /**
     * Waits until {@code condition} holds at a step of somebody, and goes on at that very moment, or until {@code nanos} have
     * passed. The condition only looks.
     */
    void awaitMoment(BooleanSupplier condition, long nanos) {
        Ambush ambush = new Ambush(current(), condition);
        ambushes.add(ambush);
        try {
            await(null, nanos);
        } finally {
            ambushes.remove(ambush);
        }
    }

    private boolean springAmbush() {
        for (Ambush ambush : ambushes) {
            Task task = ambush.task();
            if (task.state == Task.State.BLOCKED
                    && !task.process.isStopped()
                    && ambush.condition().getAsBoolean()) {
                wake(task);
                called = task;
                return true;
            }
        }
        return false;
    }

    /** {@link #await} for whom an interrupt ends; throws at once when one is pending. */
    void awaitInterruptibly(@Nullable Signal signal, long nanos) throws InterruptedException {
        throwIfInterrupted();
        await(signal, nanos);
        throwIfInterrupted();
    }

    void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted in the simulation");
        }
    }

    void sleep(Duration duration) throws InterruptedException {
        awaitInterruptibly(null, duration.toNanos());
    }

    /** Sleeps whatever happens. */
    void pause(long nanos) {
        long until = now + nanos;
        while (until - now > 0) {
            await(null, until - now);
        }
    }

    /** Lets everybody who waits for {@code signal} look again. */
    void signal(Signal signal) {
        for (Task task : List.copyOf(signal.waiting)) {
            wake(task);
        }
    }

    private void wake(Task task) {
        if (task.state != Task.State.BLOCKED) {
            return;
        }
        Signal signal = task.waitsFor;
        if (signal != null) {
            signal.waiting.remove(task);
            task.waitsFor = null;
        }
        Alarm alarm = task.alarm;
        if (alarm != null) {
            cancel(alarm);
            task.alarm = null;
        }
        task.state = Task.State.RUNNABLE;
        runnable.add(task);
    }

    /** The interrupt of a task that does not run now. */
    void interrupt(Task task) {
        if (task.state != Task.State.ENDED) {
            task.interruptPending = true;
            wake(task);
        }
    }

    /** Ends a process: its tasks unwind, what has not begun is forgotten. The caller's own task goes on until its next step. */
    void end(SimulatedProcess process) {
        process.end();
        wakeAll();
    }

    private void wakeAll() {
        for (Task task : List.copyOf(live)) {
            if (task.process.hasEnded()) {
                wake(task);
            }
        }
    }

    private void endAll() {
        over = true;
        processes.forEach(SimulatedProcess::end);
        wakeAll();
    }

    private void giveUp(String why) {
        escaped.add(new AssertionError(why));
        endAll();
    }

    private void refuseIfEnded(Task task) {
        if (task.process.hasEnded()) {
            if (++task.toldItsEnd > MOST_ENDS_TOLD) {
                throw new AssertionError(task + " does not end with its process");
            }
            throw new ProcessEndedError(task.process.toString());
        }
    }

    // The baton.

    /** Carries {@code first} and then whatever is chosen next and has no thread yet. Called by the carrier with the baton. */
    void carry(Carrier carrier, Task first) {
        Task task = first;
        while (true) {
            current = task;
            carrier.task = task;
            runBody(task);
            Thread.interrupted();
            task.state = Task.State.ENDED;
            task.process.taskEnded();
            live.remove(task);
            carrier.task = null;
            Task next = choose();
            if (next != null && next.carrier == null) {
                next.carrier = carrier;
                task = next;
                continue;
            }
            carrier.kernel = null;
            pool.giveBack(carrier);
            if (next == null) {
                done.countDown();
            } else {
                handTo(next);
            }
            return;
        }
    }

    private void runBody(Task task) {
        if (task.process.hasEnded()) {
            return;
        }
        if (task.interruptPending) {
            task.interruptPending = false;
        }
        try {
            task.body.run();
        } catch (ProcessEndedError e) {
            trace.comment(task + " ended with its process");
        } catch (RuntimeException | Error e) {
            escaped(task, e);
        }
    }

    /** Something ended a task or a part of it. What happens in a process that is ending does not matter. */
    void escaped(Task task, Throwable e) {
        if (!task.process.hasEnded() && escaped.size() < MOST_ESCAPED) {
            escaped.add(e);
        }
    }

    /** The current task has put itself where it will be found; goes on when it is its turn again. */
    private void giveWay(Task task) {
        Carrier mine = task.carrier;
        if (mine == null) {
            throw new IllegalStateException(task + " runs without a thread");
        }
        boolean interrupted = Thread.interrupted();
        Task next = choose();
        if (next == null) {
            throw new IllegalStateException("The task that gives way is alive, so somebody is left");
        }
        if (next != task) {
            handTo(next);
            mine.awaitBaton();
        }
        current = task;
        if (interrupted || task.interruptPending) {
            task.interruptPending = false;
            mine.interruptSelf();
        }
    }

    private void handTo(Task next) {
        handovers++;
        current = next;
        Carrier carrier = next.carrier == null ? carrierFor(next) : next.carrier;
        carrier.takeBaton();
    }

    private Carrier carrierFor(Task task) {
        Carrier carrier = pool.take();
        carrier.kernel = this;
        carrier.task = task;
        task.carrier = carrier;
        return carrier;
    }

    /** Takes one of the runnable tasks out of their list; moves time when there is none. Null when nothing is left. */
    private @Nullable Task choose() {
        Task first = called;
        called = null;
        if (first != null && runnable.remove(first)) {
            return first;
        }
        while (true) {
            int able = 0;
            for (Task task : runnable) {
                able += task.process.isStopped() ? 0 : 1;
            }
            if (able > 0) {
                return take(choices.nextInt(able));
            }
            if (over && live.isEmpty()) {
                return null;
            }
            Alarm alarm = alarms.poll();
            if (alarm == null) {
                giveUp("Nobody can go on and nothing will happen any more: " + live);
                continue;
            }
            if (alarm.at > now) {
                now = alarm.at;
                stepsAtThisTime = 0;
            }
            alarm.cancelled = true;
            alarm.action.run();
        }
    }

    /** The {@code index}th, in the order of their ids, of those that may run: who was woken first must not matter. */
    private Task take(int index) {
        runnable.sort(null);
        int left = index;
        for (int i = 0; i < runnable.size(); i++) {
            Task task = runnable.get(i);
            if (!task.process.isStopped() && left-- == 0) {
                runnable.remove(i);
                return task;
            }
        }
        throw new IllegalStateException("Nobody is number " + index + " of " + runnable);
    }
}
