package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a walk begins by itself: after the barrier on start (or after a bounded wait for it), at intervals, when the queue has
 * room again after entries were deferred, and some time after others were lost. Thread-safe; nothing here blocks.
 */
final class WalkTriggers {
    private static final Logger LOG = LoggerFactory.getLogger(WalkTriggers.class);
    private static final int MOST_STEPS = 30;

    private final PullerCore core;
    private final Barrier barrier;
    private final Runnable onBarrier;
    private final Runnable requestWalk;

    private @Nullable CompletableFuture<Long> passing;
    private Scheduler.@Nullable Cancellable periodic;
    private Scheduler.@Nullable Cancellable firstWalk;
    private Scheduler.@Nullable Cancellable repeat;
    private volatile Scheduler.@Nullable Cancellable soon;
    private int barrierFailures;
    private int repeats;
    private boolean closed;

    /** {@code onBarrier} runs once, before the walk that the barrier triggers. */
    WalkTriggers(PullerCore core, Barrier barrier, Runnable onBarrier, Runnable requestWalk) {
        this.core = core;
        this.barrier = barrier;
        this.onBarrier = onBarrier;
        this.requestWalk = requestWalk;
    }

    synchronized void start() {
        firstWalk = core.scheduler().schedule(core.config().barrierWait(), this::walkWithoutBarrier);
        core.scheduler().execute(this::passBarrier);
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

    private void passBarrier() {
        CompletableFuture<Long> pass;
        try {
            pass = barrier.pass();
        } catch (RuntimeException e) {
            pass = CompletableFuture.failedFuture(e);
        }
        synchronized (this) {
            passing = pass;
            if (closed) {
                pass.cancel(false);
                return;
            }
        }
        CompletableFuture<Long> unused = pass.whenComplete((index, error) -> {
            if (error == null) {
                passed(index);
            } else {
                barrierFailed(error);
            }
        });
    }

    private void passed(long index) {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (firstWalk != null) {
                firstWalk.cancel();
            }
        }
        core.log().info(LOG, "the manifest is current up to log index {}: pulling and removing begin", index);
        onBarrier.run();
        requestWalk.run();
    }

    private synchronized void barrierFailed(Throwable error) {
        if (closed || error instanceof CancellationException) {
            return;
        }
        LOG.debug("The barrier failed and is tried again", error);
        Duration pause = core.backoff()
                .pause(
                        core.config().initialBackoff(),
                        core.config().maxBackoff(),
                        Math.min(barrierFailures++, MOST_STEPS));
        core.scheduler().schedule(pause, () -> core.scheduler().execute(this::passBarrier));
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
     * Something that nobody has tried yet is known only to the manifest: a walk as soon as the queue has room for what it finds.
     * The pause is only for whoever makes room without saying so; it never grows, because every such walk brings something.
     */
    synchronized void walkSoon() {
        if (!closed && soon == null) {
            soon = core.scheduler()
                    .schedule(core.backoff().jittered(core.config().initialBackoff()), this::walkNow);
        }
    }

    /** The queue became shorter. */
    void roomMade() {
        if (soon != null && core.board().isBelowHighWater()) {
            walkNow();
        }
    }

    private void walkNow() {
        synchronized (this) {
            if (closed) {
                return;
            }
            cancel(soon);
            soon = null;
        }
        requestWalk.run();
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

    /** A walk is over and nothing was lost meanwhile. */
    synchronized void nothingIsLeft() {
        repeats = 0;
    }

    synchronized void close() {
        closed = true;
        if (passing != null) {
            passing.cancel(false);
        }
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
