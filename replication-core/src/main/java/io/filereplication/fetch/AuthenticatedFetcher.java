package io.filereplication.fetch;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.Scheduler;
import io.filereplication.wire.AnswerMessage;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.PacketReader;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.SessionRefusedException;
import io.filereplication.wire.WantedRange;
import io.filereplication.wire.WireException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches over authenticated sessions: every message of a peer is verified before it means anything, and every chunk before
 * it is appended. Tells {@link PeerHealth} what it sees of each peer.
 *
 * <p>After an outcome with {@link ChecksumMismatchException} or {@link FetchOutcome.NotStored} the item's hasher may have taken
 * bytes that were not appended: it is of no further use.
 */
public final class AuthenticatedFetcher implements Fetcher {
    private static final Logger LOG = LoggerFactory.getLogger(AuthenticatedFetcher.class);

    private final PeerTransport transport;
    private final Rejections rejections = new Rejections();
    private final PeerSessions sessions;
    private final FetchConfig config;
    private final BandwidthLimits<NodeId> incoming;
    private final PeerHealth health;
    private final Scheduler scheduler;
    private final String name;
    private final NodeLog log;
    private final PeerNews news;
    private volatile boolean closed;

    /**
     * A fetcher without sessions.
     *
     * @param transport is closed with the fetcher
     * @param incoming limits what comes to this node
     * @param random cryptographically strong and thread-safe ({@link java.security.SecureRandom})
     */
    public AuthenticatedFetcher(
            Credentials credentials,
            PeerTransport transport,
            FetchConfig config,
            BandwidthLimits<NodeId> incoming,
            PeerHealth health,
            Scheduler scheduler,
            RandomGenerator random) {
        this.transport = transport;
        this.config = config;
        this.incoming = incoming;
        this.health = health;
        this.scheduler = scheduler;
        this.log = NodeLog.of(credentials.self(), credentials.group(), scheduler);
        this.sessions = new PeerSessions(credentials, transport, config, random, rejections, log);
        this.name = log + ": fetcher";
        this.news = new PeerNews(log, scheduler);
    }

    @Override
    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
        if (items.isEmpty() || items.size() > MAX_BATCH) {
            throw new IllegalArgumentException(items.size() + " items in one fetch, allowed are 1 to " + MAX_BATCH);
        }
        List<FileReception> files =
                items.stream().map(item -> new FileReception(peer, item)).toList();
        Waiting waiting = new Waiting(
                scheduler,
                () -> closed || items.stream().allMatch(item -> item.cancelled().getAsBoolean()));
        try (FetchRun run = new FetchRun(peer, transport, sessions, rejections, config, incoming, waiting, files)) {
            FetchException end = end(peer, run);
            List<FetchOutcome> outcomes =
                    files.stream().map(file -> file.outcomeOr(end)).toList();
            judge(peer, run.wasAnswered(), items, outcomes);
            return outcomes;
        }
    }

    /** Why files are left without an outcome when the run has ended. */
    private FetchException end(NodeId peer, FetchRun run) throws InterruptedException {
        try {
            run.run();
            return new UnreachableException(peer + " closed its answer too early");
        } catch (FetchException e) {
            return closed ? new FetchCancelledException(name + " was closed", e) : e;
        }
    }

    /** Tells what these outcomes say of the peer. Our own disk and a cancellation say nothing. */
    private void judge(NodeId peer, boolean answered, List<FetchItem> items, List<FetchOutcome> outcomes) {
        FetchException refusedProof = null;
        FetchException failed = null;
        boolean busy = false;
        for (int i = 0; i < items.size(); i++) {
            if (outcomes.get(i) instanceof FetchOutcome.Failed failure) {
                FetchException reason = failure.reason();
                if (reason instanceof AuthenticationException) {
                    refusedProof = reason;
                } else if (reason instanceof UnreachableException || reason instanceof UnsupportedVersionException) {
                    failed = reason;
                }
                busy |= reason instanceof BusyException;
                if (reason instanceof ChecksumMismatchException) {
                    health.sentBadBytes(peer, items.get(i).entry().path());
                }
            }
        }
        if (refusedProof != null) {
            health.refusedProof(peer);
            news.proofFailed(peer, String.valueOf(refusedProof.getMessage()));
        } else if (failed != null) {
            health.failed(peer);
            news.unreachable(peer, String.valueOf(failed.getMessage()));
        } else if (busy) {
            health.wasBusy(peer);
        } else if (answered) {
            health.answered(peer);
            news.answered(peer);
        }
    }

    @Override
    public void reportMismatch(NodeId peer, FileEntry entry) throws InterruptedException {
        Waiting waiting = new Waiting(scheduler, () -> closed);
        try {
            if (!tell(peer, entry, waiting)) {
                tell(peer, entry, waiting);
            }
        } catch (FetchException | WireException e) {
            log.failure(
                    LOG, "{} could not be told that its copy of {} is bad: {}", peer, entry.version(), e.getMessage());
        }
    }

    /** Sends the report and waits until it was heard; false when the session was refused. */
    private boolean tell(NodeId peer, FileEntry entry, Waiting waiting)
            throws FetchException, WireException, InterruptedException {
        ClientSession session = sessions.session(peer, waiting);
        ClientSession.Request request = session.request(List.of(WantedRange.badCopy(entry)));
        try (PeerTransport.Answer answer =
                transport.send(peer, Lane.SMALL, request.message(), config.connectTimeout())) {
            try (PeerTransport.Packet packet =
                    waiting.next(answer, config.acknowledgementTimeout().toNanos())) {
                if (packet == null) {
                    throw new SilentPeerException(peer + " was silent for " + config.acknowledgementTimeout());
                }
                AnswerMessage heard = request.answer().next(new PacketReader(packet.buffers()));
                LOG.debug("{} was told that its copy of {} is bad: {}", peer, entry.version(), heard);
                return true;
            } catch (SessionRefusedException e) {
                sessions.forget(peer, session);
                return false;
            } catch (WireException e) {
                rejections.reject(answer, e);
                throw e;
            } catch (SilentPeerException e) {
                sessions.doubt(peer, session);
                throw e;
            }
        }
    }

    /** How many messages came as a peer's that it did not make for their place; every kind that can be among them. */
    public Map<ProofFailure, Long> rejections() {
        return rejections.counts();
    }

    @Override
    public void close() {
        closed = true;
        transport.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
