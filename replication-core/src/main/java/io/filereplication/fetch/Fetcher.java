package io.filereplication.fetch;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import java.util.List;

/**
 * Fetches files from one peer. Thread-safe: every worker of the puller calls it at once.
 *
 * <p>Blocks the calling worker, within bounds: connect 10 s, acknowledgement 15 s, 60 s without progress (settings). An
 * interrupt ends it promptly.
 */
public interface Fetcher extends AutoCloseable {
    /**
     * Fetches {@code items} from {@code peer}: one file of any size, or up to {@link #MAX_BATCH} small ones in one exchange.
     *
     * @return one outcome for each item, in order; never throws for what a peer or the network does
     */
    List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException;

    /**
     * Tells {@code peer} that the bytes of this version that it sent were bad, so that it verifies its own copy at once.
     * Best effort: an answer that does not come is nobody's failure.
     */
    void reportMismatch(NodeId peer, FileEntry entry) throws InterruptedException;

    /** Ends every fetch in flight and closes the connections. Idempotent. */
    @Override
    void close();

    /** Most items in one exchange. */
    int MAX_BATCH = 256;
    /** A file up to this size, bytes, may share an exchange with others. */
    long SMALL_FILE_BYTES = 1 << 20;
}
