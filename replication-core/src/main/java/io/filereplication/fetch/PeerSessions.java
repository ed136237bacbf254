package io.filereplication.fetch;

import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.WireException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session with each peer. Thread-safe. Whoever needs one that is not there says hello, the others wait for the result; a
 * peer hears at most one hello a second, and what came of it counts for that second.
 *
 * <p>A session is kept until another one was opened or the peer refused it. When it is due to be renewed, one worker says hello and
 * the others go on in it; when that hello opens nothing, so does he, and it is said again after a pause. Only one that is nearly as
 * old as a server lets it be, or did not begin with what is now the primary secret, is of no use any more.
 */
final class PeerSessions {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSessions.class);

    private static final long HELLO_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(10).toNanos();
    /** After a hello that opened nothing, while the session before it is of use. */
    static final Duration RENEWAL_PAUSE = Duration.ofMinutes(1);
    /** How old a session becomes that could not be renewed: well below the hour for which a server keeps it. */
    static final Duration MAX_AGE = Duration.ofMinutes(50);
    /** Requests after which a session is renewed. */
    private static final long RENEWAL_REQUESTS = 1_000_000;
    /** Most requests in a session that could not be renewed; a server takes twice as many. */
    private static final long MAX_REQUESTS = 2_000_000;

    private static final int LONGER_THAN_HELLO_ANSWERS = 1_024;

    private final Credentials credentials;
    private final PeerTransport transport;
    private final FetchConfig config;
    private final RandomGenerator random;
    private final Rejections rejections;
    private final NodeLog log;
    private final Map<NodeId, Peer> peers = new ConcurrentHashMap<>();

    PeerSessions(
            Credentials credentials,
            PeerTransport transport,
            FetchConfig config,
            RandomGenerator random,
            Rejections rejections,
            NodeLog log) {
        this.credentials = credentials;
        this.transport = transport;
        this.config = config;
        this.random = random;
        this.rejections = rejections;
        this.log = log;
    }

    /** The session with {@code server}, opened or renewed if need be. Blocks within connect and acknowledgement timeout. */
    ClientSession session(NodeId server, Waiting waiting) throws FetchException, InterruptedException {
        Peer peer = peers.computeIfAbsent(server, key -> new Peer());
        while (true) {
            long wait;
            synchronized (peer) {
                long now = waiting.nanoTime();
                ClientSession session = usable(peer, now);
                if (session != null && !(isDue(peer, session, now) && peer.mayRenew(now))) {
                    return session;
                }
                wait = session == null ? peer.nanosToNextHello(now) : 0;
                if (wait <= 0) {
                    peer.begin(now);
                }
            }
            if (wait <= 0) {
                return open(server, peer, waiting);
            }
            waiting.sleepSlice(wait);
        }
    }

    /** The session that there is, if requests may still be made in it. With the peer's lock held. */
    private @Nullable ClientSession usable(Peer peer, long now) {
        ClientSession session = peer.session;
        long maxAge = Math.max(MAX_AGE.toNanos(), config.sessionAge().toNanos());
        boolean isUsable = session != null
                && now - peer.sessionNanos < maxAge
                && session.requests() < MAX_REQUESTS
                && session.usesPrimaryOf(credentials);
        return isUsable ? session : null;
    }

    private boolean isDue(Peer peer, ClientSession session, long now) {
        return peer.inDoubt
                || now - peer.sessionNanos >= config.sessionAge().toNanos()
                || session.requests() >= RENEWAL_REQUESTS;
    }

    /** The peer refused {@code refused}: it is given up, unless another took its place already. */
    void forget(NodeId server, ClientSession refused) {
        Peer peer = peers.computeIfAbsent(server, key -> new Peer());
        synchronized (peer) {
            if (peer.session == refused) {
                peer.session = null;
            }
        }
    }

    /**
     * A request in {@code unanswered} met nothing but silence: it is due to be renewed, unless another took its place already. A
     * peer that has lost it may be silent rather than refuse it, and has places of their own for hellos; where they are silent too,
     * the session may well be good.
     */
    void doubt(NodeId server, ClientSession unanswered) {
        Peer peer = peers.computeIfAbsent(server, key -> new Peer());
        synchronized (peer) {
            peer.inDoubt |= peer.session == unanswered;
        }
    }

    /** Says hello; where that opens nothing, the session before it goes on if it is still of use. */
    private ClientSession open(NodeId server, Peer peer, Waiting waiting) throws FetchException, InterruptedException {
        ClientSession opened = null;
        FetchException failure = null;
        try {
            opened = sayHello(server, waiting);
            return opened;
        } catch (FetchCancelledException e) {
            // Says nothing about the peer: the next one that waits here may try.
            throw e;
        } catch (FetchException e) {
            failure = e;
            return sessionBefore(server, peer, waiting.nanoTime(), e);
        } finally {
            synchronized (peer) {
                peer.end(opened, failure);
            }
        }
    }

    private ClientSession sessionBefore(NodeId server, Peer peer, long now, FetchException notRenewed)
            throws FetchException {
        ClientSession before;
        synchronized (peer) {
            before = usable(peer, now);
        }
        if (before == null) {
            throw notRenewed;
        }
        log.failure(LOG, "the session with {} was not renewed and goes on: {}", server, notRenewed.getMessage());
        return before;
    }

    private ClientSession sayHello(NodeId server, Waiting waiting) throws FetchException, InterruptedException {
        ClientHandshake handshake = new ClientHandshake(credentials, server, random);
        try (PeerTransport.Answer answer =
                transport.send(server, Lane.SMALL, handshake.hello(), config.connectTimeout())) {
            try (PeerTransport.Packet packet =
                    waiting.next(answer, config.acknowledgementTimeout().toNanos())) {
                if (packet == null) {
                    throw new SilentPeerException(
                            server + " did not answer our hello within " + config.acknowledgementTimeout());
                }
                return handshake.complete(joined(packet));
            } catch (WireException e) {
                rejections.reject(answer, e);
                throw Failures.broken(server, e);
            }
        }
    }

    /** In one piece; what is too long for an answer is cut off where it still is too long. */
    private static ByteBuffer joined(PeerTransport.Packet packet) {
        ByteBuffer whole = ByteBuffer.allocate(LONGER_THAN_HELLO_ANSWERS);
        for (ByteBuffer part : packet.buffers()) {
            whole.put(part.slice(part.position(), Math.min(part.remaining(), whole.remaining())));
        }
        return whole.flip();
    }

    /** What is known of one peer; guarded by itself. */
    private static final class Peer {
        private @Nullable ClientSession session;
        /** When the hello was said that opened {@link #session}. */
        private long sessionNanos;
        /** Whether a request in {@link #session} met nothing but silence. */
        private boolean inDoubt;

        /** What came of the last hello. */
        private @Nullable FetchException failure;

        private boolean saidHello;
        private boolean waitingForAnswer;
        private long helloNanos;

        /** How long to wait before a hello; throws what came of the last one while that still counts. */
        private long nanosToNextHello(long now) throws FetchException {
            if (waitingForAnswer) {
                return LOOK_AGAIN_NANOS;
            }
            long left = saidHello ? HELLO_INTERVAL_NANOS - (now - helloNanos) : 0;
            if (left > 0 && failure != null) {
                throw failure;
            }
            return left;
        }

        /** Whether a hello may be said while there is a session to go on in. */
        private boolean mayRenew(long now) {
            long pause = failure == null ? HELLO_INTERVAL_NANOS : RENEWAL_PAUSE.toNanos();
            return !waitingForAnswer && (!saidHello || now - helloNanos >= pause);
        }

        private void begin(long now) {
            waitingForAnswer = true;
            saidHello = true;
            helloNanos = now;
        }

        private void end(@Nullable ClientSession opened, @Nullable FetchException failed) {
            waitingForAnswer = false;
            failure = failed;
            if (opened != null) {
                session = opened;
                sessionNanos = helloNanos;
                inDoubt = false;
            }
        }
    }
}
