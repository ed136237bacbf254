package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a walk begins by itself: after the barrier on start (or after a bounded wait for it), at intervals, soon after entries were
 * deferred, and some time after others were lost. Thread-safe; nothing here blocks. Called with the locks of the table and of
 * readiness held, so nothing here may ask for them.
 */
final class WalkTriggers {
    private static final Logger LOG = LoggerFactory.getLogger(WalkTriggers.class);
    private static final int MOST_STEPS = 30;

    private final PullerCore core;
    private final BarrierPass first;
    private final Runnable onBarrier;
    private final Runnable requestWalk;

    private Scheduler.@Nullable Cancellable periodic;
    private Scheduler.@Nullable Cancellable firstWalk;
    private Scheduler.@Nullable Cancellable repeat;
    private Scheduler.@Nullable Cancellable soon;
    /** Whether something was deferred that no walk has begun to look for. */
    private boolean deferred;

    private boolean walking;
    /** How long the last walk was at work. */
    private long spentNanos;

    private int repeats;
    private boolean closed;

    /** {@code onBarrier} runs once, and asks for the walk after the barrier. */
    WalkTriggers(PullerCore core, Barrier barrier, Runnable onBarrier, Runnable requestWalk) {
        this.core = core;
        this.first = new BarrierPass(core, barrier, this::passed);
        this.onBarrier = onBarrier;
        this.requestWalk = requestWalk;
    }

    synchronized void start() {
        firstWalk = core.scheduler().schedule(core.config().barrierWait(), this::walkWithoutBarrier);
        first.begin();
        schedulePeriodic();
    }

    private void walkWithoutBarrier() {
        core.log()
                .warn(
                        LOG,
                        "the barrier was not passed within {} ms, maybe for want of a leader: a first walk with what there is",
                        core.config().barrierWait().toMillis());
        requestWalk.run();
    }

    private void passed(long index) {
        synchronized (this) {
            if (firstWalk != null) {
                firstWalk.cancel();
            }
        }
        core.log().info(LOG, "the manifest is current up to log index {}: pulling and removing begin", index);
        onBarrier.run();
    }

    private synchronized void schedulePeriodic() {
        if (!closed) {
            Duration interval = core.backoff().jittered(core.config().catchUpInterval());
            periodic = core.scheduler().schedule(interval, () -> {
                requestWalk.run();
                schedulePeriodic();
            });
        }
    }

    /**
     * Something that nobody has tried yet is known only to the manifest, and the next walk brings it. It begins after a short pause
     * and no sooner after the last than that took: a node that never keeps up does not spend more than half of a thread on walks.
     */
    synchronized void walkSoon() {
        deferred = true;
        scheduleSoon();
    }

    private void scheduleSoon() {
        if (closed || !deferred || walking || soon != null) {
            return;
        }
        Duration pause = core.backoff().jittered(core.config().initialBackoff());
        Duration rest = Duration.ofNanos(spentNanos);
        soon = core.scheduler().schedule(rest.compareTo(pause) > 0 ? rest : pause, requestWalk);
    }

    /** A walk begins, whoever asked for it. */
    synchronized void walkBegan() {
        walking = true;
        deferred = false;
        cancel(soon);
        soon = null;
    }

    /** The walk is over; {@code complete} when nothing was deferred or lost meanwhile. */
    synchronized void walkFinished(boolean complete, long spent) {
        walking = false;
        spentNanos = spent;
        if (complete) {
            repeats = 0;
        }
        scheduleSoon();
    }

    /** The walk is over before its end. */
    synchronized void walkBrokeOff() {
        walking = false;
        walkLater();
        scheduleSoon();
    }

    /** What a walk brings has just been tried in vain, or a walk broke off: one more, and ever later while that goes on. */
    synchronized void walkLater() {
        if (closed || repeat != null) {
            return;
        }
        Duration pause = core.backoff()
                .pause(core.config().initialBackoff(), core.config().maxBackoff(), Math.min(repeats++, MOST_STEPS));
        repeat = core.scheduler().schedule(pause, () -> {
            synchronized (this) {
                repeat = null;
            }
            requestWalk.run();
        });
    }

    synchronized void close() {
        closed = true;
        first.close();
        cancel(periodic);
        cancel(firstWalk);
        cancel(repeat);
        cancel(soon);
    }

    private static void cancel(Scheduler.@Nullable Cancellable timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
