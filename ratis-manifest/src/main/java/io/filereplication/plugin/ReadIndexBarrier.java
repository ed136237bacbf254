package io.filereplication.plugin;

import io.filereplication.pull.Barrier;
import io.filereplication.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The barrier by Raft's read index (Raft dissertation, section 6.4): the leader, having confirmed that it still is one,
 * names its commit index, and this node waits until its manifest has come that far. A manifest that has stopped never does.
 *
 * <p>It asks for the index itself instead of sending a read to its own server, because a read is linearizable only where
 * {@code raft.server.read.option} says so, and that option belongs to the application.
 *
 * <p>Thread-safe. Asking may block, so it is done on a worker; whoever got no answer in time asks again.
 */
final class ReadIndexBarrier implements Barrier {
    private static final Logger LOG = LoggerFactory.getLogger(ReadIndexBarrier.class);
    /** Until the next question, after one that failed. */
    static final Duration RETRY = Duration.ofMillis(100);
    /** An answer that takes longer is not waited for: there may be another leader by then. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private static final Duration FIRST_POLL = Duration.ofMillis(5);
    private static final Duration LONGEST_POLL = Duration.ofMillis(200);

    private final String name;
    private final ReadIndex leader;
    private final LongSupplier applied;
    private final Scheduler scheduler;

    /** {@code applied} says how far this node has come; it is asked on the scheduler's timer and must not block. */
    ReadIndexBarrier(String name, ReadIndex leader, LongSupplier applied, Scheduler scheduler) {
        this.name = name;
        this.leader = leader;
        this.applied = applied;
        this.scheduler = scheduler;
    }

    @Override
    public CompletableFuture<Long> pass() {
        CompletableFuture<Long> passed = new CompletableFuture<>();
        scheduler.executeSoon(() -> ask(passed));
        return passed;
    }

    private void ask(CompletableFuture<Long> passed) {
        if (passed.isDone()) {
            return;
        }
        CompletableFuture<Long> answer = new CompletableFuture<>();
        Scheduler.Cancellable limit = scheduler.schedule(
                ANSWER_LIMIT,
                () -> answer.completeExceptionally(new TimeoutException("No answer within " + ANSWER_LIMIT)));
        var unused = answer.whenComplete((index, failure) -> {
            limit.cancel();
            if (failure == null) {
                awaitApplied(index, passed, FIRST_POLL);
            } else {
                LOG.debug("{}: no read index yet", this, failure);
                scheduler.schedule(RETRY, () -> scheduler.executeSoon(() -> ask(passed)));
            }
        });
        try {
            var unusedToo = leader.ask().whenComplete((index, failure) -> {
                if (failure == null) {
                    answer.complete(index);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private void awaitApplied(long index, CompletableFuture<Long> passed, Duration poll) {
        if (passed.isDone()) {
            return;
        }
        if (applied.getAsLong() >= index) {
            passed.complete(index);
        } else {
            Duration doubled = poll.multipliedBy(2);
            Duration next = doubled.compareTo(LONGEST_POLL) < 0 ? doubled : LONGEST_POLL;
            scheduler.schedule(poll, () -> awaitApplied(index, passed, next));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
