package io.filereplication.pull;

import io.filereplication.FilePath;
import io.filereplication.time.Scheduler;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every pull there is, by path, and where each of them waits. This object is the lock of all that is in it: {@link PullBoard} and
 * {@link WorkerDesk} hold it while they do something, and their private parts are its fields. While it is held only what never blocks
 * is called: {@link Readiness}, whose lock comes behind this one, and which asks for walks under both; {@link WalkTriggers} and the
 * scheduler come last. Nobody who holds one of those locks asks for an earlier one.
 */
final class PullTable {
    final PullLedger ledger;
    final WaitingRoom waiting;
    final WorkQueue work;
    final Workforce workforce;
    final Map<FilePath, Pull> pulls = new LinkedHashMap<>();

    private final Counters counters;
    private final Readiness readiness;
    private final Scheduler scheduler;
    private final Runnable onWork;

    /** How often the members have changed. */
    long changes;

    boolean closed;

    /** {@code onWork} is called, outside the lock, when there may be something to do for another worker. */
    PullTable(
            PullerConfig config,
            Scheduler scheduler,
            Backoff backoff,
            Counters counters,
            Readiness readiness,
            Runnable onWork) {
        this.counters = counters;
        this.readiness = readiness;
        this.scheduler = scheduler;
        this.onWork = onWork;
        this.ledger = new PullLedger(config, readiness, scheduler);
        this.waiting = new WaitingRoom(config, scheduler, backoff, counters, ledger, this::due);
        this.work = new WorkQueue(config.workers());
        this.workforce = new Workforce(work, config.workers());
    }

    /** There may be something to do for another worker. Called without the lock. */
    void tellOfWork() {
        onWork.run();
    }

    private void due(Pull pull) {
        synchronized (this) {
            if (!pull.state().isWaiting()) {
                return;
            }
            waiting.leave(pull);
            queueAgain(pull, "its pause is over");
        }
        tellOfWork();
    }

    // With the lock held.

    /** Puts {@code pull} behind all others that wait for a worker. */
    void queueAgain(Pull pull, String reason) {
        pull.queuedAtNanos = scheduler.nanoTime();
        ledger.become(pull, PullState.QUEUED, reason);
        work.addLast(pull);
    }

    /** Has {@code pull} wait for its next try; when there is no room for that either, only a walk finds it again. */
    void await(Pull pull, WaitingRoom.Pause pause, String reason) {
        if (closed) {
            return;
        }
        if (waiting.hasRoom()) {
            waiting.enter(pull, pause, reason);
        } else {
            counters.add(Count.DEFERRED);
            readiness.lost(pull.entry().contentLsn(), pull.gating);
            finish(pull, "no room to wait: left to a walk");
        }
    }

    /** Ends {@code pull}, wherever it is. */
    void finish(Pull pull, String reason) {
        PullQueue queue = pull.queue;
        if (queue != null) {
            queue.remove(pull);
        }
        waiting.forgetTimer(pull);
        ledger.end(pull, reason);
        pull.cancel();
        pulls.remove(pull.path(), pull);
    }

    /** The pull of {@code path}, or null. */
    @Nullable
    Pull get(FilePath path) {
        return pulls.get(path);
    }
}
