package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import java.util.List;

/** A fetcher that has another one fetch. */
class ForwardingFetcher implements Fetcher {
    private final Fetcher fetcher;

    ForwardingFetcher(Fetcher fetcher) {
        this.fetcher = fetcher;
    }

    @Override
    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
        return fetcher.fetch(peer, items);
    }

    @Override
    public void reportMismatch(NodeId peer, FileEntry entry) throws InterruptedException {
        fetcher.reportMismatch(peer, entry);
    }

    @Override
    public void close() {
        fetcher.close();
    }
}
