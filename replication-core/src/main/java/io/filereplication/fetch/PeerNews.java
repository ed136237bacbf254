package io.filereplication.fetch;

import io.filereplication.NodeId;
import io.filereplication.fetch.PeerHealth.Condition;
import io.filereplication.log.NodeLog;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the log when a peer begins to fail and when it is well again, and nothing in between. Thread-safe, bounded. */
final class PeerNews {
    private static final Logger LOG = LoggerFactory.getLogger(PeerNews.class);
    private static final int MAX_PEERS = 1_024;

    private final NodeLog log;
    /** Peers of which something bad was written last. Guarded by this. */
    private final Map<NodeId, Condition> written = new HashMap<>();

    PeerNews(NodeLog log) {
        this.log = log;
    }

    void unreachable(NodeId peer, String why) {
        if (isNews(peer, Condition.UNREACHABLE)) {
            log.info(LOG, "{} cannot be reached, which is not said again until it answers: {}", peer, why);
        }
    }

    void proofFailed(NodeId peer, String why) {
        if (isNews(peer, Condition.RESTING)) {
            log.warn(
                    LOG,
                    "{} and this node have not proven the same secret to each other; it is asked once a minute: {}",
                    peer,
                    why);
        }
    }

    void answered(NodeId peer) {
        boolean news;
        synchronized (this) {
            news = written.remove(peer) != null;
        }
        if (news) {
            log.info(LOG, "{} answers again", peer);
        }
    }

    private synchronized boolean isNews(NodeId peer, Condition condition) {
        if (written.size() >= MAX_PEERS && !written.containsKey(peer)) {
            return false;
        }
        return written.put(peer, condition) != condition;
    }
}
