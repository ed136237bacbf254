package io.filereplication.fetch;

import io.filereplication.FilePath;
import io.filereplication.Membership;
import io.filereplication.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The origin first, unless it is known to be busy, unreachable or to have a bad copy; then the other members in an order that
 * differs from path to path and from node to node, so that no peer is everybody's second choice; then those of which
 * something bad is known. Peers that rest, nodes that are no members, and this node are never named.
 */
public final class OriginFirstResolver implements PeerResolver {
    private static final Comparator<Candidate> BEST_FIRST = Comparator.comparing(Candidate::badCopy)
            .thenComparing(Candidate::condition)
            .thenComparing(candidate -> !candidate.isOrigin())
            .thenComparing(Candidate::spread)
            .thenComparing(Candidate::peer);

    private final NodeId self;
    private final Membership membership;
    private final PeerHealth health;

    /** Resolves for the node {@code self}. */
    public OriginFirstResolver(NodeId self, Membership membership, PeerHealth health) {
        this.self = self;
        this.membership = membership;
        this.health = health;
    }

    @Override
    public List<NodeId> candidates(NodeId origin, FilePath path) {
        List<Candidate> candidates = new ArrayList<>();
        for (NodeId peer : membership.members()) {
            if (!peer.equals(self)) {
                Candidate candidate = rank(peer, origin, path);
                if (candidate.condition() != PeerHealth.Condition.RESTING) {
                    candidates.add(candidate);
                }
            }
        }
        candidates.sort(BEST_FIRST);
        List<NodeId> peers = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            peers.add(candidate.peer());
        }
        return peers;
    }

    private Candidate rank(NodeId peer, NodeId origin, FilePath path) {
        return new Candidate(
                peer, peer.equals(origin), health.hasBadCopy(peer, path), health.condition(peer), spread(peer, path));
    }

    /** The highest of these over all peers wins (rendezvous hashing); mixed so that similar names do not stay neighbours. */
    private int spread(NodeId peer, FilePath path) {
        int mixed = (path.hashCode() * 31 + self.hashCode()) * 31 + peer.hashCode();
        mixed = (mixed ^ (mixed >>> 16)) * 0x85ebca6b;
        mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
        return mixed ^ (mixed >>> 16);
    }

    private record Candidate(
            NodeId peer, boolean isOrigin, boolean badCopy, PeerHealth.Condition condition, int spread) {}
}
