package io.filereplication.fetch;

import io.filereplication.NodeId;
import io.filereplication.fetch.PeerHealth.Condition;
import io.filereplication.log.NodeLog;
import io.filereplication.time.Ticker;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the log when a peer begins to fail and when it is well again, and nothing in between. Of a peer that goes to and
 * fro no more is written than that once in {@link NodeLog#SUMMARY_INTERVAL}. Thread-safe, bounded.
 */
final class PeerNews {
    private static final Logger LOG = LoggerFactory.getLogger(PeerNews.class);
    private static final int MAX_PEERS = 1_024;

    /** The last bad news of a peer, and whether it is the present state. */
    private record Written(Condition condition, long atNanos, boolean lasts) {}

    private final NodeLog log;
    private final Ticker ticker;
    /** Guarded by this. */
    private final Map<NodeId, Written> written = new HashMap<>();

    PeerNews(NodeLog log, Ticker ticker) {
        this.log = log;
        this.ticker = ticker;
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
                    "{} and this node failed to prove the secret to each other, and it is asked once a minute; compare their secrets, cluster names and groups: {}",
                    peer,
                    why);
        }
    }

    void answered(NodeId peer) {
        if (wasBad(peer)) {
            log.info(LOG, "{} answers again", peer);
        }
    }

    private synchronized boolean isNews(NodeId peer, Condition condition) {
        Written last = written.get(peer);
        long now = ticker.nanoTime();
        if (last == null ? written.size() >= MAX_PEERS : last.lasts && last.condition == condition) {
            return false;
        }
        if (last != null && now - last.atNanos < NodeLog.SUMMARY_INTERVAL.toNanos()) {
            return false; // while it goes on it is said later
        }
        written.put(peer, new Written(condition, now, true));
        return true;
    }

    private synchronized boolean wasBad(NodeId peer) {
        Written last = written.get(peer);
        if (last == null || !last.lasts) {
            return false;
        }
        written.put(peer, new Written(last.condition, last.atNanos, false));
        return true;
    }
}
