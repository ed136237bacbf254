package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the barrier once, however often that fails before. Thread-safe; nothing here blocks. */
final class BarrierPass {
    private static final Logger LOG = LoggerFactory.getLogger(BarrierPass.class);
    private static final int MOST_STEPS = 30;

    private final PullerCore core;
    private final Barrier barrier;
    private final LongConsumer onPassed;
    private @Nullable CompletableFuture<Long> passing;
    private Scheduler.@Nullable Cancellable timer;
    private int failures;
    private boolean closed;

    /** {@code onPassed} hears of the index up to which the manifest is current. */
    BarrierPass(PullerCore core, Barrier barrier, LongConsumer onPassed) {
        this.core = core;
        this.barrier = barrier;
        this.onPassed = onPassed;
    }

    /** To be called once, or {@link #beginIn}. */
    void begin() {
        core.scheduler().executeSoon(this::pass);
    }

    /** Begins when {@code delay} has passed. */
    synchronized void beginIn(Duration delay) {
        if (!closed) {
            timer = core.scheduler().schedule(delay, this::begin);
        }
    }

    private void pass() {
        if (isClosed()) {
            return;
        }
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
            if (error != null) {
                failed(error);
            } else if (!isClosed()) {
                onPassed.accept(index);
            }
        });
    }

    private synchronized void failed(Throwable error) {
        if (closed || error instanceof CancellationException) {
            return;
        }
        LOG.debug("The barrier failed and is tried again", error);
        Duration pause = core.backoff()
                .pause(core.config().initialBackoff(), core.config().maxBackoff(), Math.min(failures++, MOST_STEPS));
        beginIn(pause);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
        if (passing != null) {
            passing.cancel(false);
        }
    }
}
