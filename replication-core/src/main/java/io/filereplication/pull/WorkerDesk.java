package io.filereplication.pull;

import io.filereplication.time.Scheduler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the workers get and where they bring it back: the next thing to do, and what became of each pull. Thread-safe; all
 * methods are short and in memory. A pull may end at any moment while a worker has it; then whatever the worker says of it
 * changes nothing.
 */
final class WorkerDesk {
    private final PullTable table;
    private final Scheduler scheduler;

    WorkerDesk(PullTable table, Scheduler scheduler) {
        this.table = table;
        this.scheduler = scheduler;
    }

    /** Whether one more worker should begin; then it has to call {@link #arrived}, and {@link #nextOrRelease} until that answers null. */
    boolean callWorker() {
        synchronized (table) {
            return !table.closed && table.workforce.call();
        }
    }

    /** A worker that was called is here, or will never be. */
    void arrived() {
        synchronized (table) {
            table.workforce.arrived();
        }
    }

    /** A worker cannot go on, after {@code done}; null when it has not begun. */
    void release(@Nullable Work done) {
        synchronized (table) {
            if (done != null) {
                done.lane().done();
            }
            table.workforce.release();
        }
    }

    /**
     * What a worker does next, after {@code done}, null when it has just begun: publish some, or pull some. Null when there is
     * nothing, and then it is a worker no more.
     */
    @Nullable
    Work nextOrRelease(@Nullable Work done) {
        synchronized (table) {
            if (done != null) {
                done.lane().done();
            }
            Work next = table.closed ? null : table.workforce.take();
            if (next == null) {
                table.workforce.release();
            } else {
                begin(next);
            }
            return next;
        }
    }

    private void begin(Work next) {
        if (next instanceof Work.Publish whole) {
            for (Work.Whole file : whole.files()) {
                if (file.pull().state() == PullState.VERIFIED) {
                    table.ledger.become(file.pull(), PullState.PUBLISHING, "a worker is free");
                }
            }
        } else if (next instanceof Work.Fetch batch) {
            for (Pull taken : batch.pulls()) {
                taken.takenAtChange = table.changes;
                table.ledger.become(taken, PullState.CHECKING, "a worker is free");
            }
        }
    }

    /** Whether the worker may go on with {@code pull}, which is then in {@code next}; not when it has ended meanwhile. */
    boolean proceed(Pull pull, PullState next, String reason) {
        synchronized (table) {
            boolean goesOn = pull.state() != PullState.ENDED && !pull.isCancelled();
            if (goesOn && pull.state() != next) {
                table.ledger.become(pull, next, reason);
            }
            return goesOn;
        }
    }

    /** Has files published by the next workers that ask for work, wakes none; answers those whose pulls have ended. */
    List<Work.Whole> publishSoon(List<Work.Whole> files) {
        List<Work.Whole> ended = new ArrayList<>();
        synchronized (table) {
            for (Work.Whole file : files) {
                if (!table.closed && proceed(file.pull(), PullState.VERIFIED, "whole and verified")) {
                    table.work.publish(file);
                } else {
                    ended.add(file);
                }
            }
        }
        return ended;
    }

    /** Gives pulls back, in their order, to the head of the queue. */
    void putBack(List<Pull> pulls, String reason) {
        synchronized (table) {
            for (int i = pulls.size() - 1; i >= 0; i--) {
                Pull pull = pulls.get(i);
                if (pull.state() != PullState.ENDED) {
                    table.ledger.setMissing(pull, true);
                    if (pull.state() == PullState.VERIFYING) {
                        pull.queuedAtNanos = scheduler.nanoTime();
                    }
                    table.ledger.become(pull, PullState.QUEUED, reason);
                    table.work.addFirst(pull);
                }
            }
        }
        table.tellOfWork();
    }

    /** There is no room for it now: it goes behind the others, which may be smaller. */
    void noRoom(Pull pull) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                table.ledger.setMissing(pull, true);
                pull.lastReason = "the storage is full";
                table.queueAgain(pull, pull.lastReason);
            }
        }
        table.tellOfWork();
    }

    /** The file at the path must be hashed before anything else. */
    void toVerify(Pull pull) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                table.ledger.become(pull, PullState.UNVERIFIED, "there is a file of unknown content");
                table.work.hashLast(pull);
            }
        }
    }

    /** The next pull whose file is to be hashed, or null. */
    @Nullable
    Pull nextToVerify() {
        synchronized (table) {
            Pull pull = table.closed ? null : table.work.pollUnverified();
            if (pull != null) {
                table.ledger.become(pull, PullState.VERIFYING, "its turn");
            }
            return pull;
        }
    }

    /** The pull is over: the file is here, or nobody wants it any more. */
    void end(Pull pull, String reason) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                table.finish(pull, reason);
            }
        }
    }

    /** Whether the pull is over: superseded, deleted or done. Closing ends none. */
    boolean hasEnded(Pull pull) {
        synchronized (table) {
            return pull.state() == PullState.ENDED;
        }
    }

    /** An attempt failed: again after a pause that grows, and after the last one still again, but later. */
    void retry(Pull pull, String reason) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                lookAgainAtWhatWasUnreadable(pull);
                table.ledger.setMissing(pull, true);
                table.await(pull, table.waiting.afterAttempt(pull), reason);
            }
        }
    }

    /** Nobody is to blame: again shortly. */
    void retrySoon(Pull pull, String reason) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                lookAgainAtWhatWasUnreadable(pull);
                table.await(pull, table.waiting.soon(pull), reason);
            }
        }
    }

    /** The disk may have recovered, and hold the only good copy while every peer only doubts its own. */
    private static void lookAgainAtWhatWasUnreadable(Pull pull) {
        if (pull.unreadable && pull.state() != PullState.VERIFYING) {
            pull.unreadable = false;
            pull.hashedHere = false;
        }
    }

    /** An attempt found nobody to ask: again shortly, and at once when the members have changed since it looked. */
    void retryWithPeers(Pull pull, String reason) {
        boolean atOnce;
        synchronized (table) {
            atOnce = !table.closed && pull.state() != PullState.ENDED && pull.takenAtChange != table.changes;
            if (atOnce) {
                table.queueAgain(pull, "the members have changed meanwhile");
            } else {
                retrySoon(pull, reason);
            }
        }
        if (atOnce) {
            table.tellOfWork();
        }
    }

    /** Whether every member has answered that it does not have the file. */
    void setUnavailable(Pull pull, boolean is) {
        synchronized (table) {
            if (pull.state() != PullState.ENDED) {
                table.ledger.setUnavailable(pull, is);
            }
        }
    }
}
