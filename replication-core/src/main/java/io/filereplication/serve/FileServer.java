package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.Scheduler;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.MalformedMessageException;
import io.filereplication.wire.MessageKind;
import io.filereplication.wire.Protocol;
import io.filereplication.wire.ProvenRequest;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.RequestedItem;
import io.filereplication.wire.ServerSessions;
import io.filereplication.wire.Unproven;
import io.filereplication.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what peers send: hellos, requests, and everything else. Every member has one per group, whoever leads.
 *
 * <p>Checks in this order: session and MAC, counter, the requester is a member now, room for a transfer, then for each file
 * the path, the manifest, the disk, the offset. Whoever has not proven the secret gets one uniform refusal, of which few are
 * being written at once; beyond that it gets nothing.
 *
 * <p>Thread-safe.
 */
public final class FileServer implements AutoCloseable {
    /** Answers to peers without a proven session, hellos and refusals each, being written at once. */
    public static final int MAX_UNPROVEN_ANSWERS = 4;

    private static final Logger LOG = LoggerFactory.getLogger(FileServer.class);
    private static final long WARN_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final ServerSessions sessions;
    private final Holdings holdings;
    private final Lookup lookup;
    private final ServeConfig config;
    private final BandwidthLimits<NodeId> outgoing;
    private final Scheduler scheduler;
    private final Admission admission;
    private final ServeCounters counters = new ServeCounters();
    private final TransferBuffers buffers = new TransferBuffers();
    private final Semaphore helloAnswers = new Semaphore(MAX_UNPROVEN_ANSWERS);
    private final Semaphore unprovenAnswers = new Semaphore(MAX_UNPROVEN_ANSWERS);
    private final Set<WatchedChannel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicLong warnAgainAt;
    private final String name;
    private volatile boolean closed;

    /**
     * A server without sessions.
     *
     * @param outgoing limits what leaves this node
     * @param random cryptographically strong and thread-safe ({@link java.security.SecureRandom})
     */
    public FileServer(
            Credentials credentials,
            Holdings holdings,
            ServeConfig config,
            BandwidthLimits<NodeId> outgoing,
            Scheduler scheduler,
            RandomGenerator random) {
        this.sessions = new ServerSessions(credentials, scheduler::nanoTime, random);
        this.holdings = holdings;
        this.lookup = new Lookup(holdings, scheduler);
        this.config = config;
        this.outgoing = outgoing;
        this.scheduler = scheduler;
        this.admission = new Admission(config);
        this.warnAgainAt = new AtomicLong(scheduler.nanoTime());
        this.name = "file server of " + credentials.self() + " in " + credentials.group();
    }

    /**
     * Answers {@code request} on {@code out}. Called on a thread that may block, never on an event loop: it reads the disk,
     * sends until the peer has taken everything, and waits for bandwidth. Returns when the answer, be it a refusal, has been
     * sent, or when there is none.
     *
     * @param request read-only; must stay unchanged until this returns
     * @return false when the sender is to get nothing at all, not even an end: too many like it are being answered, and
     *     whatever were said to one that does not read would pile up here
     * @throws IOException when the answer could not be sent to its end
     */
    public boolean serve(ByteBuffer request, AnswerChannel out) throws IOException {
        WatchedChannel channel = new WatchedChannel(out, scheduler);
        channels.add(channel);
        try {
            if (closed) {
                throw new IOException(name + " is closed");
            }
            return answer(request, channel);
        } finally {
            channels.remove(channel);
        }
    }

    private boolean answer(ByteBuffer request, WatchedChannel out) throws IOException {
        ProvenRequest proven;
        try {
            MessageKind kind = ServerSessions.kindOf(request);
            if (kind == MessageKind.HELLO) {
                return answerHello(sessions.answerHello(request), out);
            }
            if (kind != MessageKind.REQUEST) {
                return refuseUnproven("It is neither a hello nor a request", out);
            }
            proven = sessions.open(request);
        } catch (WireException e) {
            return refuseUnproven(String.valueOf(e.getMessage()), out);
        }
        counters.requests.increment();
        answerProven(proven, out);
        return true;
    }

    private boolean answerHello(ByteBuffer answer, WatchedChannel out) throws IOException {
        counters.hellos.increment();
        return sendOneOfFew(answer, helloAnswers, out);
    }

    private boolean refuseUnproven(String why, WatchedChannel out) throws IOException {
        counters.unproven.increment();
        long now = scheduler.nanoTime();
        long due = warnAgainAt.get();
        if (now - due >= 0 && warnAgainAt.compareAndSet(due, now + WARN_AGAIN_NANOS)) {
            LOG.warn("{} refused somebody without proof ({} so far): {}", name, counters.unproven.sum(), why);
        }
        return sendOneOfFew(Unproven.message(), unprovenAnswers, out);
    }

    private boolean sendOneOfFew(ByteBuffer message, Semaphore few, WatchedChannel out) throws IOException {
        if (!few.tryAcquire()) {
            return false;
        }
        try {
            sendWatched(message, out);
            return true;
        } finally {
            few.release();
        }
    }

    private void answerProven(ProvenRequest request, WatchedChannel out) throws IOException {
        Set<NodeId> members = holdings.members().members();
        if (!members.contains(request.client())) {
            // Without a known configuration nobody can be told a member from a stranger.
            refuseAll(request, members.isEmpty() ? RefusalCode.BUSY : RefusalCode.NOT_MEMBER, out);
        } else if (!request.hasSessionsVersion()) {
            refuseAll(request, RefusalCode.VERSION, out);
        } else {
            try {
                admit(request, request.items(), out);
            } catch (MalformedMessageException e) {
                LOG.warn("{} refused a request of {}: {}", name, request.client(), e.getMessage());
                refuseAll(request, RefusalCode.MALFORMED, out);
            }
        }
    }

    private void admit(ProvenRequest request, List<RequestedItem> items, WatchedChannel out) throws IOException {
        NodeId peer = request.client();
        if (!admission.enter(peer)) {
            refuseAll(request, RefusalCode.BUSY, out);
            return;
        }
        try {
            ByteBuffer buffer = buffers.take();
            try (AnswerWriter writer = new AnswerWriter(out, request.answer(), buffer, scheduler, config, counters)) {
                new Transfer(peer, lookup, writer, outgoing, scheduler, counters).run(items);
            }
            // Only now: a channel that failed, or was given up, may still be sending from the buffer.
            buffers.giveBack(buffer);
        } finally {
            admission.leave(peer);
        }
    }

    private void refuseAll(ProvenRequest request, RefusalCode code, WatchedChannel out) throws IOException {
        counters.refused(code);
        ByteBuffer message = ByteBuffer.allocate(Protocol.MAX_ANSWER_MESSAGE_BYTES);
        request.answer().refuseAll(message, code);
        sendWatched(message.flip(), out);
    }

    /** Sends a message that is the whole answer. */
    private void sendWatched(ByteBuffer message, WatchedChannel out) throws IOException {
        Scheduler.Cancellable watch = scheduler.schedule(config.stallLimit(), () -> {
            if (out.giveUpIfStalled(config.stallLimit())) {
                counters.stalledReaders.increment();
            }
        });
        try {
            out.send(message);
        } finally {
            watch.cancel();
        }
    }

    /** What it did and does. */
    public ServeStats stats() {
        return new ServeStats(
                admission.inside(),
                counters.requests.sum(),
                counters.files.sum(),
                counters.bytes.sum(),
                counters.waits.sum(),
                counters.stalledReaders.sum(),
                counters.hellos.sum(),
                counters.unproven.sum(),
                counters.refusals(),
                counters.bytesByPeer(),
                sessions.proven(),
                sessions.unproven());
    }

    /** Ends the answers being sent and answers nothing any more. Does not wait for them. Idempotent. */
    @Override
    public void close() {
        closed = true;
        channels.forEach(WatchedChannel::giveUp);
    }

    @Override
    public String toString() {
        return name;
    }
}
