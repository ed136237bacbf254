package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.fetch.AuthenticationException;
import io.filereplication.fetch.BadOffsetException;
import io.filereplication.fetch.BehindException;
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.ChecksumMismatchException;
import io.filereplication.fetch.FetchCancelledException;
import io.filereplication.fetch.FetchException;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.FileNotOnPeerException;
import io.filereplication.fetch.NotInManifestException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.fetch.UnsupportedVersionException;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.ResumeNotSupportedException;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks peers for staged attempts and decides what each answer means: the next peer, the same one from zero, again later, or
 * the end. Blocks on the network; stateless. Decides by type, never by message.
 */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final PullerPeers peers;
    private final WorkerDesk desk;
    private final Staging staging;
    private final Counters counters;
    private final PeerCounters peerCounters;
    private final StepTimes times;
    private final NodeLog log;

    Exchange(PullerPeers peers, Staging staging, PullerCore core) {
        this.peers = peers;
        this.desk = core.desk();
        this.staging = staging;
        this.counters = core.counters();
        this.peerCounters = core.peerCounters();
        this.times = core.times();
        this.log = core.log();
    }

    /**
     * Asks the first attempt's present peer for it, and for all others that are small and would ask the same peer now. Every
     * attempt taken along has made progress: it has ended, or has another peer, or begins again at zero.
     */
    void ask(List<PullAttempt> open) throws InterruptedException {
        PullAttempt first = open.get(0);
        NodeId peer = first.peer();
        if (peer == null) {
            endWithoutPeers(first);
            return;
        }
        List<PullAttempt> together = new ArrayList<>();
        for (PullAttempt attempt : open) {
            boolean shares =
                    attempt == first || (PullBatch.isSmall(attempt.entry()) && PullBatch.isSmall(first.entry()));
            if (shares && peer.equals(attempt.peer()) && together.size() < Fetcher.MAX_BATCH) {
                if (desk.proceed(attempt.pull(), PullState.FETCHING, "asks a peer")) {
                    together.add(attempt);
                } else {
                    attempt.end(Verdict.STOPPED, "cancelled before it was asked for");
                }
            }
        }
        if (!together.isEmpty()) {
            fetch(peer, together);
        }
    }

    private void fetch(NodeId peer, List<PullAttempt> together) throws InterruptedException {
        List<FetchItem> items = new ArrayList<>(together.size());
        for (PullAttempt attempt : together) {
            StagedFile metered = new MeteredStagedFile(attempt.staged(), bytes -> {
                counters.add(Count.PULLED_BYTES, bytes);
                peerCounters.sentBytes(peer, bytes);
            });
            items.add(new FetchItem(attempt.entry(), metered, attempt.hasher(), attempt.pull()::isCancelled));
        }
        long[] offsets = items.stream().mapToLong(FetchItem::offset).toArray();
        long begun = times.begin();
        List<FetchOutcome> outcomes = peers.fetcher().fetch(peer, items);
        long bytes = outcomes.stream().mapToLong(FetchOutcome::receivedBytes).sum();
        times.fetched(peer, outcomes.size(), bytes, begun);
        for (int i = 0; i < together.size(); i++) {
            PullAttempt attempt = together.get(i);
            FetchOutcome outcome = outcomes.get(i);
            attempt.pull().fromPeer |= outcome.receivedBytes() > 0;
            if (offsets[i] > 0 && outcome.receivedBytes() > 0) {
                counters.add(Count.RESUMED);
                counters.add(Count.RESUMED_BYTES, offsets[i]);
            }
            if (outcome instanceof FetchOutcome.Failed failure) {
                failed(peer, attempt, failure.reason());
            } else if (outcome instanceof FetchOutcome.NotStored failure) {
                notStored(peer, attempt, failure.reason());
            } else {
                received(peer, attempt);
            }
        }
    }

    private void received(NodeId peer, PullAttempt attempt) throws InterruptedException {
        FileEntry entry = attempt.entry();
        attempt.pull().withoutFile.remove(peer);
        PrefixHasher hasher = attempt.hasher();
        if (hasher.position() == entry.sizeBytes() && hasher.digestSoFar().equals(entry.sha256())) {
            peerCounters.sentFile(peer);
            attempt.whole(hasher.digests());
        } else {
            mismatch(peer, attempt, "the whole file has another digest");
        }
    }

    private void notStored(NodeId peer, PullAttempt attempt, StorageException reason) {
        if (reason instanceof ResumeNotSupportedException && attempt.mayBeginAgainAt(peer)) {
            counters.add(Count.BAD_OFFSET_STORAGE);
            beginAgain(attempt);
        } else {
            staging.failed(attempt, reason);
        }
    }

    private void failed(NodeId peer, PullAttempt attempt, FetchException reason) throws InterruptedException {
        LOG.debug("{}: {} did not send it: {}", attempt.entry().version(), peer, reason.getMessage());
        attempt.pull().withoutFile.remove(peer);
        PeerFailure kind = PeerFailure.of(reason);
        if (kind != null && kind != PeerFailure.CHECKSUM_MISMATCH) {
            peerCounters.failed(peer, kind);
            attempt.refused(peer, kind);
        }
        if (reason instanceof FetchCancelledException) {
            attempt.end(Verdict.STOPPED, "cancelled while it was fetched");
        } else if (reason instanceof ChecksumMismatchException) {
            mismatch(peer, attempt, String.valueOf(reason.getMessage()));
        } else if (reason instanceof BadOffsetException) {
            counters.add(Count.BAD_OFFSET_SERVER);
            if (attempt.mayBeginAgainAt(peer)) {
                beginAgain(attempt);
            } else {
                attempt.nextPeer();
            }
        } else {
            goOnElsewhere(peer, attempt, reason);
            staging.realign(attempt);
        }
    }

    private void goOnElsewhere(NodeId peer, PullAttempt attempt, FetchException reason) {
        if (reason instanceof FileNotOnPeerException) {
            counters.add(Count.FILE_NOT_ON_PEER);
            attempt.pull().withoutFile.add(peer);
            attempt.nextPeer();
        } else if (reason instanceof BusyException) {
            attempt.nextPeerAndSoonAgain();
        } else if (reason instanceof BehindException || reason instanceof NotInManifestException) {
            // Either the peer's manifest or ours lags: the next attempt begins with another look at ours.
            attempt.nextPeerAndSoonAgain();
        } else if (reason instanceof AuthenticationException) {
            counters.add(Count.AUTH_FAILURE);
            attempt.nextPeer();
        } else if (reason instanceof UnreachableException) {
            counters.add(Count.UNREACHABLE);
            attempt.nextPeer();
        } else if (reason instanceof UnsupportedVersionException) {
            attempt.nextPeer();
        }
    }

    private void mismatch(NodeId peer, PullAttempt attempt, String why) throws InterruptedException {
        counters.add(Count.CHECKSUM_MISMATCH);
        peerCounters.failed(peer, PeerFailure.CHECKSUM_MISMATCH);
        log.failure(
                LOG, "{}: {} sent bytes that do not match: {}", attempt.entry().version(), peer, why);
        attempt.discardStaged();
        attempt.pull().sentBadBytes.add(peer);
        attempt.end(Verdict.RETRY, peer + " sent bytes that do not match");
        peers.fetcher().reportMismatch(peer, attempt.entry());
    }

    private void beginAgain(PullAttempt attempt) {
        try {
            attempt.dropBytes();
        } catch (StorageException e) {
            staging.failed(attempt, e);
        }
    }

    private void endWithoutPeers(PullAttempt attempt) {
        if (attempt.mayHelpSoon()) {
            attempt.end(Verdict.RETRY_SOON, "peers were busy or behind (" + attempt.refusals() + ")");
        } else if (!attempt.hadCandidates()) {
            counters.add(Count.PEER_LOOKUP_FAILURE);
            attempt.end(
                    Verdict.RETRY_SOON, "there is no peer to ask: no other member is known, or none proves the secret");
        } else {
            attempt.end(Verdict.RETRY, "no peer sent it (" + attempt.refusals() + ")");
        }
    }
}
