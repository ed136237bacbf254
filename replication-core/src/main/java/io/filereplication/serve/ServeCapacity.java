package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.Scheduler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the file servers of all groups on one node share: places for transfers, for refusals, for answers to whoever has not
 * proven the secret, buffers, and bandwidth. So a node that serves ten groups has the threads and the memory of one.
 *
 * <p>Thread-safe; nobody waits here.
 */
public final class ServeCapacity {
    /** Answers to hellos that opened a session, and uniform refusals, being written at once: so many of each. */
    public static final int MAX_UNPROVEN_ANSWERS = 4;
    /**
     * Answers to hellos that opened none, being written at once. Whoever recorded a hello has one as often as he likes: so they take
     * no place of those that can be had once.
     */
    public static final int MAX_SESSIONLESS_ANSWERS = 2;
    /**
     * How long a place is kept for an answer to somebody who has proven nothing. Such an answer is one short message, which has been
     * handed over when its wait begins: an honest peer gets it also when it leaves later.
     */
    public static final Duration UNPROVEN_LIMIT = Duration.ofSeconds(3);
    /** Refusals of whole requests to those that know the secret and are not known to be members, being written at once. */
    public static final int MAX_STRANGERS_REFUSALS = 4;
    /** The same to one name, which anybody who knows the secret may claim. */
    public static final int MAX_STRANGERS_REFUSALS_PER_NAME = 2;

    private final ServeConfig config;
    private final BandwidthLimits<NodeId> outgoing;
    private final Scheduler scheduler;
    private final Admission admission;
    private final TransferBuffers buffers = new TransferBuffers();
    private final Places refusals;
    private final Places strangersRefusals = new Places(MAX_STRANGERS_REFUSALS, MAX_STRANGERS_REFUSALS_PER_NAME);
    private final Semaphore helloAnswers = new Semaphore(MAX_UNPROVEN_ANSWERS);
    private final Semaphore sessionlessAnswers = new Semaphore(MAX_SESSIONLESS_ANSWERS);
    private final Semaphore unprovenAnswers = new Semaphore(MAX_UNPROVEN_ANSWERS);
    private final LongAdder unserved = new LongAdder();

    /**
     * Nothing is taken yet.
     *
     * @param outgoing limits what leaves this node
     * @param scheduler watches answers; closed by whoever made it, after the servers
     */
    public ServeCapacity(ServeConfig config, BandwidthLimits<NodeId> outgoing, Scheduler scheduler) {
        this.config = Objects.requireNonNull(config, "config");
        this.outgoing = Objects.requireNonNull(outgoing, "outgoing");
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.admission = new Admission(config);
        this.refusals = new Places(config.maxRefusals(), config.maxRefusalsPerPeer());
    }

    /**
     * Counts a message that no group here takes and ends its answer, within the few answers to the unproven that may be written at
     * once; beyond them, nothing is written. Blocks no longer than {@link #UNPROVEN_LIMIT}.
     *
     * @param end writes the end; what it is given to send is empty
     */
    public void endUnserved(AnswerChannel end) throws IOException {
        unserved.increment();
        if (unprovenAnswers.tryAcquire()) {
            try {
                WatchedChannel channel = new WatchedChannel(end, scheduler);
                channel.sendWatched(ByteBuffer.allocate(0), scheduler, unprovenLimit(), () -> {});
            } finally {
                unprovenAnswers.release();
            }
        }
    }

    /** How many messages no group here took. */
    public long unserved() {
        return unserved.sum();
    }

    /** What is taken now, of all groups together. */
    public Usage usage() {
        return new Usage(
                admission.inside(),
                MAX_UNPROVEN_ANSWERS - helloAnswers.availablePermits(),
                MAX_SESSIONLESS_ANSWERS - sessionlessAnswers.availablePermits(),
                MAX_UNPROVEN_ANSWERS - unprovenAnswers.availablePermits(),
                refusals.taken() + strangersRefusals.taken(),
                buffers.taken(),
                buffers.kept());
    }

    /**
     * What is taken of a capacity.
     *
     * @param transfers answers with files being sent
     * @param helloAnswers answers to hellos that opened a session being written
     * @param sessionlessAnswers answers to hellos that opened none being written
     * @param unprovenAnswers uniform refusals, and ends of what no group takes, being written
     * @param refusals refusals of whole requests being written, to members and to others
     * @param buffers buffers that answers are being sent from
     * @param idleBuffers buffers that wait for the next transfer
     */
    public record Usage(
            int transfers,
            int helloAnswers,
            int sessionlessAnswers,
            int unprovenAnswers,
            int refusals,
            int buffers,
            int idleBuffers) {}

    ServeConfig config() {
        return config;
    }

    BandwidthLimits<NodeId> outgoing() {
        return outgoing;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Admission admission() {
        return admission;
    }

    TransferBuffers buffers() {
        return buffers;
    }

    /** For members. */
    Places refusals() {
        return refusals;
    }

    /** For those that are not known to be members: whatever they do, members are still told that a place is taken. */
    Places strangersRefusals() {
        return strangersRefusals;
    }

    /** For the answers to hellos that opened a session. */
    Semaphore helloAnswers() {
        return helloAnswers;
    }

    /** For the answers to hellos that opened none: repeated ones, and those without room or without a common version. */
    Semaphore sessionlessAnswers() {
        return sessionlessAnswers;
    }

    Semaphore unprovenAnswers() {
        return unprovenAnswers;
    }

    /** {@link #UNPROVEN_LIMIT}, or the stall limit when that is shorter. */
    Duration unprovenLimit() {
        Duration stallLimit = config.stallLimit();
        return stallLimit.compareTo(UNPROVEN_LIMIT) < 0 ? stallLimit : UNPROVEN_LIMIT;
    }

    @Override
    public String toString() {
        return "serve capacity";
    }
}
