package io.filereplication.fetch;

import io.filereplication.NodeId;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.AnswerMessage;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.PacketReader;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.SessionRefusedException;
import io.filereplication.wire.WireException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@link Fetcher#fetch}: asks for range after range and takes the answers in order, on the worker that called.
 *
 * <p>At most two requests are under way: the second is sent when the first begins to be answered, so that at most
 * 2 * {@link RangePlan#MAX_REQUEST_BYTES} are queued for this fetch however slowly they are taken.
 */
final class FetchRun implements AutoCloseable {
    /** How often in a row, without a byte received in between, a request is repeated for a new session or a free place. */
    private static final int MAX_REPEATS = 8;

    private static final int MAX_REFUSED_SESSIONS = 2;
    private static final Duration BUSY_PAUSE = Duration.ofMillis(250);

    private final NodeId peer;
    private final PeerTransport transport;
    private final PeerSessions sessions;
    private final Rejections rejections;
    private final FetchConfig config;
    private final BandwidthLimits<NodeId> incoming;
    private final Waiting waiting;
    private final List<FileReception> files;
    private final RangePlan plan;
    /** What was asked for behind the request that is being answered. */
    private @Nullable InFlight ahead;
    /** Time spent waiting for the peer since it last sent something of use. */
    private long waitedNanos;

    private int refusedSessions;
    private int refusedPlaces;
    private boolean answered;

    FetchRun(
            NodeId peer,
            PeerTransport transport,
            PeerSessions sessions,
            Rejections rejections,
            FetchConfig config,
            BandwidthLimits<NodeId> incoming,
            Waiting waiting,
            List<FileReception> files) {
        this.peer = peer;
        this.transport = transport;
        this.sessions = sessions;
        this.rejections = rejections;
        this.config = config;
        this.incoming = incoming;
        this.waiting = waiting;
        this.files = files;
        this.plan = new RangePlan(files);
    }

    /** Fetches until every file's fate is known; throws what ends the exchange for those that are left. */
    void run() throws FetchException, InterruptedException {
        for (InFlight head = nextRequest(); head != null; head = nextRequest()) {
            while (!take(head)) {
                head = send(head.step());
            }
        }
    }

    private @Nullable InFlight nextRequest() throws FetchException, InterruptedException {
        InFlight sent = ahead;
        ahead = null;
        if (sent != null && isOver()) {
            sent.close();
            sent = null;
        }
        if (sent == null) {
            RangePlan.Step step = plan.next();
            sent = step == null ? null : send(step);
        }
        return sent;
    }

    private boolean isOver() {
        files.forEach(FileReception::pollCancelled);
        return files.stream().allMatch(FileReception::isOver);
    }

    private InFlight send(RangePlan.Step step) throws FetchException, InterruptedException {
        waiting.check();
        ClientSession session = sessions.session(peer, waiting);
        ClientSession.Request request = session.request(step.ranges());
        PeerTransport.Answer answer =
                transport.send(peer, Lane.of(step.bytes()), request.message(), config.connectTimeout());
        return new InFlight(step, session, request.answer(), answer);
    }

    /** Takes the whole answer; false when the request has to be sent again. */
    private boolean take(InFlight head) throws FetchException, InterruptedException {
        boolean heard = false;
        try (head) {
            while (!head.reader().isOver()) {
                try (PeerTransport.Packet packet = await(head, heard)) {
                    PacketReader messages = new PacketReader(packet.buffers());
                    while (messages.hasNext()) {
                        AnswerMessage message = head.reader().next(messages);
                        heard = true;
                        answered = true;
                        if (message instanceof AnswerMessage.AllRefused refused) {
                            return refusedAll(refused.code());
                        }
                        handle(head, message);
                    }
                }
                if (isOver()) {
                    return true;
                }
            }
            return true;
        } catch (SessionRefusedException e) {
            sessions.forget(peer, head.session());
            if (++refusedSessions > MAX_REFUSED_SESSIONS) {
                throw Failures.broken(peer, e);
            }
            return false;
        } catch (WireException e) {
            rejections.reject(head.answer(), e);
            throw Failures.broken(peer, e);
        } catch (SilentPeerException e) {
            if (!heard) {
                sessions.doubt(peer, head.session());
            }
            throw e;
        }
    }

    /** Waits for the next packet, no longer than the peer may be silent or go without sending anything of use. */
    private PeerTransport.Packet await(InFlight head, boolean heard) throws FetchException, InterruptedException {
        Duration silence = heard ? config.silenceLimit() : config.acknowledgementTimeout();
        long begun = waiting.nanoTime();
        long limit = Math.min(silence.toNanos(), config.progressTimeout().toNanos() - waitedNanos);
        PeerTransport.Packet packet = waiting.next(head.answer(), limit);
        waitedNanos += waiting.nanoTime() - begun;
        if (packet != null) {
            return packet;
        }
        if (limit < silence.toNanos()) {
            throw new UnreachableException(peer + " sent nothing of use for " + config.progressTimeout());
        }
        throw new SilentPeerException(peer + " was silent for " + silence);
    }

    private void handle(InFlight head, AnswerMessage message) throws FetchException, InterruptedException {
        if (message instanceof AnswerMessage.Acknowledged acknowledged) {
            progress();
            head.step().files().get(acknowledged.item()).acknowledged(acknowledged.prefix());
            askAhead();
        } else if (message instanceof AnswerMessage.Refused refused) {
            progress();
            FileReception file = head.step().files().get(refused.item());
            file.failed(Failures.refused(peer, file.entry().version(), refused.code()));
        } else if (message instanceof AnswerMessage.Frame frame) {
            progress();
            FileReception file = head.step().files().get(frame.item());
            file.pollCancelled();
            file.frame(frame);
            awaitBandwidth(frame.length());
        }
    }

    private void progress() {
        waitedNanos = 0;
        refusedSessions = 0;
        refusedPlaces = 0;
    }

    private void askAhead() throws FetchException, InterruptedException {
        if (ahead == null) {
            RangePlan.Step step = plan.next();
            ahead = step == null ? null : send(step);
        }
    }

    /** A peer that was serving this fetch a moment ago is asked again for the next range before the fetch is given up. */
    private boolean refusedAll(@Nullable RefusalCode code) throws FetchException, InterruptedException {
        boolean begun = files.stream().anyMatch(FileReception::hasReceived);
        if (code != RefusalCode.BUSY || !begun || ++refusedPlaces > MAX_REPEATS) {
            throw Failures.refused(peer, "the request", code);
        }
        if (refusedPlaces > 1) {
            waiting.sleep(BUSY_PAUSE);
        }
        return false;
    }

    /** The bytes are here already: whoever does not wait to the end for his share of them leaves it to the next. */
    private void awaitBandwidth(int bytes) throws FetchException, InterruptedException {
        boolean taken = false;
        try {
            for (long wait = incoming.take(peer, bytes); wait > 0; wait = incoming.take(peer, bytes)) {
                waiting.sleepSlice(wait);
            }
            taken = true;
        } finally {
            if (!taken) {
                incoming.charge(peer, bytes);
            }
        }
    }

    /** Whether the peer proved itself. */
    boolean wasAnswered() {
        return answered;
    }

    @Override
    public void close() {
        if (ahead != null) {
            ahead.close();
        }
    }
}
