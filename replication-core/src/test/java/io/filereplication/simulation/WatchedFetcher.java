package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import java.util.List;

/** The fetcher as the puller uses it, with a note in the task of which paths it is about. */
final class WatchedFetcher implements Fetcher {
    private final Kernel kernel;
    private final Fetcher fetcher;

    WatchedFetcher(Kernel kernel, Fetcher fetcher) {
        this.kernel = kernel;
        this.fetcher = fetcher;
    }

    @Override
    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
        kernel.current().errand =
                new Errand(items.stream().map(item -> item.entry().path()).toList(), kernel.steps());
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
