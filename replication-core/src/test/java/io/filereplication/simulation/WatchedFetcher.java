package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.BadOffsetException;
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.ChecksumMismatchException;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.PeerResolver;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fetcher as the puller uses it, with a note in the task of which paths it is about, and an eye on what the puller makes
 * of the outcomes: verified chunks are not fetched again, and a peer that had no room a moment ago is not the first one asked.
 */
final class WatchedFetcher implements Fetcher {
    /** For so long a peer that was busy or unreachable must not be preferred to one that never failed. */
    private static final long FRESH_NANOS = 1_000_000_000L;

    private final Kernel kernel;
    private final Life life;
    private final SimulatedNode node;
    private final Fetcher fetcher;
    private final Map<NodeId, Long> troubleAt = new HashMap<>();
    private final Set<NodeId> doubtful = new HashSet<>();

    WatchedFetcher(Life life, Fetcher fetcher) {
        this.life = life;
        this.node = life.node();
        this.kernel = node.world().kernel();
        this.fetcher = fetcher;
    }

    @Override
    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
        kernel.current().errand =
                new Errand(items.stream().map(item -> item.entry().path()).toList(), kernel.steps());
        items.forEach(this::resumesWhatIsKept);
        List<FetchOutcome> outcomes = List.of();
        try {
            outcomes = fetcher.fetch(peer, items.stream().map(this::metered).toList());
        } finally {
            if (outcomes.isEmpty() || !outcomes.stream().allMatch(FetchOutcome.Received.class::isInstance)) {
                life.meter().brokeOff();
            }
        }
        for (int i = 0; i < items.size(); i++) {
            remember(peer, items.get(i), outcomes.get(i));
        }
        return outcomes;
    }

    private void resumesWhatIsKept(FetchItem item) {
        String complaint = life.staged().complaint(item);
        if (complaint != null) {
            node.world().checks().violated(node, complaint);
        }
    }

    private FetchItem metered(FetchItem item) {
        ForwardingStaged destination = new ForwardingStaged(item.destination()) {
            @Override
            public void append(ByteBuffer bytes) throws StorageException {
                long position = length();
                int count = bytes.remaining();
                super.append(bytes);
                String tooMuch = life.meter().took(version(), position, count);
                if (tooMuch != null) {
                    node.world().checks().violated(node, tooMuch);
                }
            }
        };
        return new FetchItem(item.entry(), destination, item.hasher(), item.cancelled());
    }

    private void remember(NodeId peer, FetchItem item, FetchOutcome outcome) {
        troubleAt.remove(peer);
        if (outcome instanceof FetchOutcome.Failed) {
            doubtful.add(peer);
        }
        if (outcome instanceof FetchOutcome.Failed failed) {
            boolean busy = failed.reason() instanceof BusyException;
            boolean unreachable = failed.reason() instanceof UnreachableException;
            boolean blamed = failed.reason() instanceof ChecksumMismatchException
                    || failed.reason() instanceof BadOffsetException;
            if (busy || unreachable) {
                troubleAt.put(peer, kernel.now());
            }
            if (!blamed && !item.cancelled().getAsBoolean()) {
                life.staged().peerFailed(item);
            }
        }
    }

    /** {@code resolver}, with a look at the order in which it names the peers. */
    PeerResolver watching(PeerResolver resolver) {
        return (origin, path) -> {
            if (life.isPaused()) {
                node.world().checks().violated(node, "it begins to pull " + path + " although pulling is paused");
            }
            List<NodeId> named = resolver.candidates(origin, path);
            boolean better = named.stream().anyMatch(peer -> !doubtful.contains(peer));
            if (better && isInTrouble(named.get(0))) {
                node.world()
                        .checks()
                        .violated(node, named.get(0) + ", busy or unreachable a moment ago, is asked first");
            }
            return named;
        };
    }

    private boolean isInTrouble(NodeId peer) {
        Long at = troubleAt.get(peer);
        return at != null && kernel.now() - at < FRESH_NANOS;
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
