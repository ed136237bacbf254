package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pulls that wait for their next try, and how long. What somebody is to blame for counts as an attempt, and after the last
 * one the pull counts as failed; it is tried all the same, but ever later. At most {@link PullerConfig#waitingSize()} wait.
 * Guarded by the table's lock.
 */
final class WaitingRoom {
    private final PullerConfig config;
    private final Scheduler scheduler;
    private final Backoff backoff;
    private final Counters counters;
    private final PullLedger ledger;
    private final Consumer<Pull> onDue;
    private final PullQueue waiting = new PullQueue();

    /** {@code onDue} is called on the timer thread, without the lock; the pull may have left by then. */
    WaitingRoom(
            PullerConfig config,
            Scheduler scheduler,
            Backoff backoff,
            Counters counters,
            PullLedger ledger,
            Consumer<Pull> onDue) {
        this.config = config;
        this.scheduler = scheduler;
        this.backoff = backoff;
        this.counters = counters;
        this.ledger = ledger;
        this.onDue = onDue;
    }

    /** How {@code pull} waits, and how long. */
    record Pause(PullState state, Duration length) {}

    /** After an attempt that counts. */
    Pause afterAttempt(Pull pull) {
        pull.attempts++;
        pull.uncounted = 0;
        int late = pull.attempts - config.attempts();
        if (late < 0) {
            return new Pause(
                    PullState.WAITING, backoff.pause(config.initialBackoff(), config.maxBackoff(), pull.attempts - 1));
        }
        if (late == 0) {
            counters.add(Count.FAILED);
        }
        return new Pause(PullState.FAILED, backoff.pause(config.maxBackoff(), config.maxFailedBackoff(), late));
    }

    /** After one that nobody is to blame for. */
    Pause soon(Pull pull) {
        return new Pause(
                pull.attempts >= config.attempts() ? PullState.FAILED : PullState.WAITING,
                backoff.pause(config.initialBackoff(), config.maxBackoff(), pull.uncounted++));
    }

    boolean hasRoom() {
        return waiting.size() < config.waitingSize();
    }

    int size() {
        return waiting.size();
    }

    void enter(Pull pull, Pause pause, String reason) {
        ledger.become(pull, pause.state(), reason);
        waiting.addLast(pull);
        pull.lastReason = reason;
        pull.dueNanos = scheduler.nanoTime() + pause.length().toNanos();
        pull.timer = scheduler.schedule(pause.length(), () -> onDue.accept(pull));
    }

    /** It waits no more. */
    void leave(Pull pull) {
        waiting.remove(pull);
        forgetTimer(pull);
    }

    /** Lets the one that came first go, because something about the peers has changed: its next pauses are short again. */
    @Nullable
    Pull releaseFirst() {
        Pull pull = waiting.first();
        if (pull != null) {
            pull.uncounted = 0;
            pull.attempts = Math.min(pull.attempts, config.attempts());
            leave(pull);
        }
        return pull;
    }

    /** Keeps {@code pull} from becoming due. */
    void forgetTimer(Pull pull) {
        Scheduler.Cancellable timer = pull.timer;
        if (timer != null) {
            timer.cancel();
            pull.timer = null;
        }
    }
}
