package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.time.Scheduler;
import io.filereplication.wire.AnsweredHello;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.MalformedMessageException;
import io.filereplication.wire.MessageKind;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.Protocol;
import io.filereplication.wire.ProvenRequest;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.RequestedItem;
import io.filereplication.wire.ServerSessions;
import io.filereplication.wire.Unproven;
import io.filereplication.wire.WantedRange;
import io.filereplication.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what peers send: hellos, requests, and everything else. Every member has one per group, whoever leads.
 *
 * <p>Checks in this order: session and MAC, counter, the requester is a member now, room for a transfer, then for each file
 * the path, the manifest, the disk, the offset. Whoever has not proven the secret gets one uniform refusal. Of these, of answers
 * to hellos (new ones, and others) and of refusals of whole requests so many are being written at once; who comes beyond that gets
 * nothing.
 *
 * <p>Thread-safe.
 */
public final class FileServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileServer.class);

    private final ServerSessions sessions;
    private final Holdings holdings;
    private final Lookup lookup;
    private final ServeCapacity capacity;
    private final Scheduler scheduler;
    private final ServeCounters counters = new ServeCounters();
    private final Set<WatchedChannel> channels = ConcurrentHashMap.newKeySet();
    private final NodeLog log;
    private final String name;
    private volatile boolean paused;
    private volatile boolean closed;

    /**
     * A server without sessions.
     *
     * @param capacity shared by the servers of all groups on this node
     * @param random cryptographically strong and thread-safe ({@link java.security.SecureRandom})
     */
    public FileServer(Credentials credentials, Holdings holdings, ServeCapacity capacity, RandomGenerator random) {
        this.capacity = capacity;
        this.scheduler = capacity.scheduler();
        this.sessions = new ServerSessions(credentials, holdings.members(), scheduler::nanoTime, random);
        this.holdings = holdings;
        this.log = NodeLog.of(credentials.self(), credentials.group(), scheduler);
        this.lookup = new Lookup(holdings, scheduler, log);
        this.name = log + ": file server";
    }

    /**
     * Answers {@code request} on {@code out}. Called on a thread that may block, never on an event loop: it reads the disk,
     * sends until the peer has taken everything, and waits for bandwidth. Returns when the answer, be it a refusal, has been
     * sent, or when there is none.
     *
     * @param request read-only; must stay unchanged until this returns
     * @return false when the sender is to get nothing at all, not even an end: as many like it as may be are being told
     *     something, and whatever more were said might pile up here behind what is not being read
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
                return refuseUnproven(ProofFailure.MALFORMED, "It is neither a hello nor a request", out);
            }
            proven = sessions.open(request);
        } catch (WireException e) {
            return refuseUnproven(e.proofFailure(), String.valueOf(e.getMessage()), out);
        }
        return answerProven(proven, out);
    }

    /**
     * The session is there whether or not its answer finds a place: so a hello is used up that somebody else may have sent, and may
     * send again.
     */
    private boolean answerHello(AnsweredHello hello, WatchedChannel out) throws IOException {
        counters.hellos.increment();
        Semaphore few = hello.opensSession() ? capacity.helloAnswers() : capacity.sessionlessAnswers();
        return sendOneOfFew(hello.answer(), few, out);
    }

    private boolean refuseUnproven(ProofFailure failure, String why, WatchedChannel out) throws IOException {
        counters.unproven(failure);
        log.failure(LOG, "somebody without proof was refused: {}", why);
        return sendOneOfFew(Unproven.message(), capacity.unprovenAnswers(), out);
    }

    /** To somebody who has proven nothing. */
    private boolean sendOneOfFew(ByteBuffer message, Semaphore few, WatchedChannel out) throws IOException {
        if (!few.tryAcquire()) {
            counters.unanswered.increment();
            return false;
        }
        try {
            sendWatched(message, capacity.unprovenLimit(), out);
            return true;
        } finally {
            few.release();
        }
    }

    private boolean answerProven(ProvenRequest request, WatchedChannel out) throws IOException {
        counters.requests.increment();
        NodeId peer = request.client();
        Set<NodeId> members = holdings.members().members();
        if (!members.contains(peer)) {
            // Without a known configuration nobody can be told a member from a stranger.
            RefusalCode code = members.isEmpty() ? RefusalCode.BUSY : RefusalCode.NOT_MEMBER;
            counters.refusedStranger(code);
            return sendRefusal(request, code, capacity.strangersRefusals(), out);
        }
        counters.requestOf(peer);
        if (!request.hasSessionsVersion()) {
            return refuseAll(request, RefusalCode.VERSION, out);
        }
        if (paused) {
            return refuseAll(request, RefusalCode.BUSY, out);
        }
        List<RequestedItem> items;
        try {
            items = request.items();
        } catch (MalformedMessageException e) {
            log.failure(LOG, "a request of {} was refused: {}", peer, e.getMessage());
            return refuseAll(request, RefusalCode.MALFORMED, out);
        }
        try (Places.Place place = capacity.admission().enter(peer, isSmall(items))) {
            if (place != null) {
                transfer(request, items, out);
                return true;
            }
        }
        return refuseAll(request, RefusalCode.BUSY, out);
    }

    private static boolean isSmall(List<RequestedItem> items) {
        long bytes = 0;
        for (RequestedItem item : items) {
            bytes += item instanceof WantedRange wanted ? wanted.length() : 0;
        }
        return bytes <= Protocol.SMALL_ANSWER_BYTES;
    }

    private void transfer(ProvenRequest request, List<RequestedItem> items, WatchedChannel out) throws IOException {
        NodeId peer = request.client();
        ByteBuffer buffer = capacity.buffers().take();
        counters.began(peer);
        boolean sent = false;
        try (AnswerWriter writer =
                new AnswerWriter(out, request.answer(), buffer, scheduler, capacity.config(), counters)) {
            new Transfer(peer, lookup, writer, capacity.outgoing(), scheduler, counters).run(items);
            sent = true;
        } finally {
            if (sent) {
                capacity.buffers().giveBack(buffer);
            } else {
                // A channel that failed, or was given up, may still be sending from it.
                capacity.buffers().letGo();
            }
            counters.ended(peer);
        }
    }

    private boolean refuseAll(ProvenRequest request, RefusalCode code, WatchedChannel out) throws IOException {
        counters.refused(request.client(), code);
        return sendRefusal(request, code, capacity.refusals(), out);
    }

    /** So many refusals are written at once, or a peer that reads none could have every thread wait for it. */
    private boolean sendRefusal(ProvenRequest request, RefusalCode code, Places places, WatchedChannel out)
            throws IOException {
        try (Places.Place place = places.enter(request.client())) {
            if (place == null) {
                counters.unanswered.increment();
                return false;
            }
            ByteBuffer message = ByteBuffer.allocate(Protocol.MAX_ANSWER_MESSAGE_BYTES);
            request.answer().refuseAll(message, code);
            sendWatched(message.flip(), capacity.config().stallLimit(), out);
            return true;
        }
    }

    /** Sends a message that is the whole answer. */
    private void sendWatched(ByteBuffer message, Duration limit, WatchedChannel out) throws IOException {
        out.sendWatched(message, scheduler, limit, counters.stalledReaders::increment);
    }

    /** What it did and does. */
    public ServeStats stats() {
        return counters.snapshot(paused, capacity.unserved(), sessions.provenByNode(), sessions.unproven());
    }

    /** From now on every request is answered with {@code busy}; transfers under way go on. Idempotent. */
    public void pause() {
        if (!paused) {
            paused = true;
            log.info(LOG, "serving pauses until it is resumed: peers are told that this node is busy");
        }
    }

    /** Ends {@link #pause}. Idempotent. */
    public void resume() {
        if (paused) {
            paused = false;
            log.info(LOG, "serving is resumed");
        }
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
