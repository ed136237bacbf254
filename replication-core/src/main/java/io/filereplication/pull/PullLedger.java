package io.filereplication.pull;

import io.filereplication.time.Ticker;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How many pulls are what, and what readiness is told of it: the only place where a pull changes its state or one of its
 * marks. Guarded by the table's lock.
 */
final class PullLedger {
    private final boolean unavailableCounts;
    private final Readiness readiness;
    private final Ticker ticker;
    /** In the order in which they were found to be missing. */
    private final Set<Pull> missing = new LinkedHashSet<>();

    private long missingBytes;
    private int workedOn;
    private int unavailable;
    private int gating;
    private int gatingFailed;

    PullLedger(PullerConfig config, Readiness readiness, Ticker ticker) {
        this.unavailableCounts = config.unavailableBlocksReadiness();
        this.readiness = readiness;
        this.ticker = ticker;
    }

    PullGauges gauges(int queueDepth, boolean paused, boolean full) {
        return new PullGauges(
                queueDepth,
                workedOn,
                missing.size(),
                missingBytes,
                oldestMissing(),
                unavailable,
                gating,
                gatingFailed,
                paused,
                full);
    }

    /** For how long the oldest of what is missing is known to be, what was lost from memory included. */
    private Duration oldestMissing() {
        long now = ticker.nanoTime();
        long lost = readiness.oldestLostNanos(now);
        long known = missing.isEmpty() ? 0 : now - missing.iterator().next().missingSinceNanos;
        return Duration.ofNanos(Math.max(lost, known));
    }

    void become(Pull pull, PullState next, String reason) {
        account(pull, -1);
        pull.transition(next, reason);
        account(pull, 1);
    }

    /** Takes a pull that is over out of every count. */
    void end(Pull pull, String reason) {
        setGating(pull, false);
        setUnavailable(pull, false);
        become(pull, PullState.ENDED, reason);
        setMissing(pull, false);
    }

    private void account(Pull pull, int by) {
        if (pull.state().isWorkedOn()) {
            workedOn += by;
        }
        if (pull.gating && pull.state() == PullState.FAILED) {
            gatingFailed += by;
        }
    }

    void setMissing(Pull pull, boolean is) {
        if (pull.missing == is) {
            return;
        }
        pull.missing = is;
        missingBytes += is ? pull.entry().sizeBytes() : -pull.entry().sizeBytes();
        if (is) {
            pull.missingSinceNanos = ticker.nanoTime();
            missing.add(pull);
            readiness.missing(pull.entry().contentLsn());
        } else {
            missing.remove(pull);
            readiness.notMissing(pull.entry().contentLsn());
        }
    }

    void setGating(Pull pull, boolean is) {
        if (pull.gating == is) {
            return;
        }
        int before = gates(pull);
        account(pull, -1);
        pull.gating = is;
        account(pull, 1);
        gating += is ? 1 : -1;
        readiness.outstanding(gates(pull) - before);
    }

    void setUnavailable(Pull pull, boolean is) {
        if (pull.unavailable == is) {
            return;
        }
        int before = gates(pull);
        pull.unavailable = is;
        unavailable += is ? 1 : -1;
        readiness.outstanding(gates(pull) - before);
    }

    private int gates(Pull pull) {
        return pull.gating && (unavailableCounts || !pull.unavailable) ? 1 : 0;
    }
}
