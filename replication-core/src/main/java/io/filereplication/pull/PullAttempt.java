package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one pull: the peers still to be asked and the staged bytes. Belongs to the worker that makes it. */
final class PullAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(PullAttempt.class);

    private final Pull pull;
    private final NodeLog log;
    private final Deque<NodeId> peers = new ArrayDeque<>();
    private final boolean hadCandidates;
    private @Nullable StagedFile staged;
    private @Nullable PrefixHasher hasher;
    private @Nullable PrefixDigests digests;
    private @Nullable Verdict verdict;
    private String reason = "not begun";
    /** Whether a peer was behind, busy, or of another opinion about the manifest: then asking again soon may help. */
    private boolean soon;

    /** What the peers that were asked answered instead of the file. */
    private final Map<NodeId, PeerFailure> refusals = new LinkedHashMap<>();

    private boolean concluded;
    /** The peer at which this attempt has begun again at zero already. */
    private @Nullable NodeId begunAgainAt;

    /** {@code candidates} in the order to ask; who sent bad bytes of this version is moved to the end. */
    PullAttempt(Pull pull, List<NodeId> candidates, NodeLog log) {
        this.pull = pull;
        this.log = log;
        addPeers(candidates, false);
        addPeers(candidates, true);
        hadCandidates = !peers.isEmpty();
    }

    private void addPeers(List<NodeId> candidates, boolean sentBadBytes) {
        for (NodeId peer : candidates) {
            if (pull.sentBadBytes.contains(peer) == sentBadBytes) {
                peers.addLast(peer);
            }
        }
    }

    Pull pull() {
        return pull;
    }

    FileEntry entry() {
        return pull.entry();
    }

    /** The peer to ask next; null when there is none left. */
    @Nullable
    NodeId peer() {
        return peers.peekFirst();
    }

    /** Does not ask the present peer again in this attempt. */
    void nextPeer() {
        peers.pollFirst();
    }

    /** Does not ask the present peer again in this attempt; it may be able to answer soon. */
    void nextPeerAndSoonAgain() {
        soon = true;
        peers.pollFirst();
    }

    void refused(NodeId peer, PeerFailure kind) {
        refusals.put(peer, kind);
    }

    /** Who answered what, for people. */
    String refusals() {
        return refusals.entrySet().stream()
                .map(refusal -> refusal.getKey() + ": " + refusal.getValue().documentedName())
                .collect(Collectors.joining(", "));
    }

    /** Whether there was a candidate at all. */
    boolean hadCandidates() {
        return hadCandidates;
    }

    boolean mayHelpSoon() {
        return soon;
    }

    /** True the first time it is asked for {@code peer}: bytes may be refused once, but nothing is refused at zero. */
    boolean mayBeginAgainAt(NodeId peer) {
        boolean first = !peer.equals(begunAgainAt);
        begunAgainAt = peer;
        return first;
    }

    StagedFile staged() {
        return Objects.requireNonNull(staged, "not staged");
    }

    PrefixHasher hasher() {
        return Objects.requireNonNull(hasher, "not hashed");
    }

    PrefixDigests digests() {
        return Objects.requireNonNull(digests, "not verified");
    }

    void staged(StagedFile file) {
        staged = file;
    }

    void hashed(PrefixHasher upToTheEnd) {
        hasher = upToTheEnd;
    }

    /** Begins again at zero. */
    void dropBytes() throws StorageException {
        staged().truncate(0);
        hasher = new PrefixHasher();
    }

    void whole(PrefixDigests all) {
        digests = all;
        end(Verdict.PUBLISH, "whole");
    }

    void end(Verdict how, String why) {
        verdict = how;
        reason = why;
    }

    boolean hasEnded() {
        return verdict != null;
    }

    /** Its verdict has been acted upon. */
    void concluded() {
        concluded = true;
    }

    boolean isConcluded() {
        return concluded;
    }

    Verdict verdict() {
        return verdict == null ? Verdict.STOPPED : verdict;
    }

    String reason() {
        return reason;
    }

    /** Lets go of the staged bytes, which stay for the next attempt. */
    void keepStaged() {
        if (staged != null) {
            staged.close();
            staged = null;
        }
    }

    /** Deletes the staged bytes. */
    void discardStaged() {
        if (staged != null) {
            discard(staged, log);
            staged = null;
        }
    }

    /** Hands the staged bytes to whoever publishes them. */
    StagedFile giveStaged() {
        StagedFile given = staged();
        staged = null;
        return given;
    }

    /** Deletes staged bytes; what cannot be deleted now is found by the next walk. */
    static void discard(StagedFile staged, NodeLog log) {
        try {
            staged.discard();
        } catch (StorageException e) {
            log.failure(LOG, "staged bytes of {} could not be deleted; the next walk tries again", staged.version(), e);
        } finally {
            staged.close();
        }
    }
}
