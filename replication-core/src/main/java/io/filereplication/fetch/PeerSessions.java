package io.filereplication.fetch;

import io.filereplication.NodeId;
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

/**
 * The session with each peer. Thread-safe. Whoever needs one that is not there says hello, the others wait for the result; a
 * peer hears at most one hello a second, and what came of it counts for that second.
 */
final class PeerSessions {
    private static final long HELLO_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(10).toNanos();
    private static final long MAX_REQUESTS = 1_000_000;
    private static final int LONGER_THAN_HELLO_ANSWERS = 1_024;

    private final Credentials credentials;
    private final PeerTransport transport;
    private final FetchConfig config;
    private final RandomGenerator random;
    private final Rejections rejections;
    private final Map<NodeId, Peer> peers = new ConcurrentHashMap<>();

    PeerSessions(
            Credentials credentials,
            PeerTransport transport,
            FetchConfig config,
            RandomGenerator random,
            Rejections rejections) {
        this.credentials = credentials;
        this.transport = transport;
        this.config = config;
        this.random = random;
        this.rejections = rejections;
    }

    /** The session with {@code server}, opened if need be. Blocks within connect and acknowledgement timeout. */
    ClientSession session(NodeId server, Waiting waiting) throws FetchException, InterruptedException {
        Peer peer = peers.computeIfAbsent(server, key -> new Peer());
        while (true) {
            long wait;
            synchronized (peer) {
                ClientSession session = peer.session;
                if (session != null && isFresh(peer, session, waiting.nanoTime())) {
                    return session;
                }
                wait = peer.nanosToNextHello(waiting.nanoTime());
                if (wait <= 0) {
                    peer.begin(waiting.nanoTime());
                }
            }
            if (wait <= 0) {
                return open(server, peer, waiting);
            }
            waiting.sleepSlice(wait);
        }
    }

    private boolean isFresh(Peer peer, ClientSession session, long now) {
        return now - peer.helloNanos < config.sessionAge().toNanos()
                && session.requests() < MAX_REQUESTS
                && session.usesPrimaryOf(credentials);
    }

    /**
     * Gives up {@code useless}, which the peer refused or left without a word, unless another took its place already. A peer
     * that has lost its sessions may be silent rather than refuse, as few refusals are written at once; a hello has places of
     * its own there.
     */
    void forget(NodeId server, ClientSession useless) {
        Peer peer = peers.computeIfAbsent(server, key -> new Peer());
        synchronized (peer) {
            if (peer.session == useless) {
                peer.session = null;
            }
        }
    }

    private ClientSession open(NodeId server, Peer peer, Waiting waiting) throws FetchException, InterruptedException {
        ClientSession session = null;
        FetchException failure = null;
        try {
            session = sayHello(server, waiting);
            return session;
        } catch (FetchCancelledException e) {
            // Says nothing about the peer: the next one that waits here may try.
            throw e;
        } catch (FetchException e) {
            failure = e;
            throw e;
        } finally {
            synchronized (peer) {
                peer.end(session, failure);
            }
        }
    }

    private ClientSession sayHello(NodeId server, Waiting waiting) throws FetchException, InterruptedException {
        ClientHandshake handshake = new ClientHandshake(credentials, server, random);
        try (PeerTransport.Answer answer =
                transport.send(server, Lane.SMALL, handshake.hello(), config.connectTimeout())) {
            try (PeerTransport.Packet packet =
                    waiting.next(answer, config.acknowledgementTimeout().toNanos())) {
                if (packet == null) {
                    throw new UnreachableException(
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

        private void begin(long now) {
            waitingForAnswer = true;
            saidHello = true;
            helloNanos = now;
            session = null;
        }

        private void end(@Nullable ClientSession opened, @Nullable FetchException failed) {
            waitingForAnswer = false;
            session = opened;
            failure = failed;
        }
    }
}
