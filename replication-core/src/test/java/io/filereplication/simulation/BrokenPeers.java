package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.fetch.ChecksumMismatchException;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.PeerResolver;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Fetching and choosing peers with the bugs of docs/failures.md, one each. */
final class BrokenPeers {
    private static final Duration BACKOFF = Duration.ofSeconds(5);
    private static final long SOCKET_TIMEOUT = 10_000_000_000L;

    private BrokenPeers() {}

    /** Bytes that failed verification stay staged, and count as the file next time. */
    static Variant keepsBadBytes() {
        return new Variant() {
            @Override
            public Fetcher fetcher(Fetcher fetcher, SimulatedNode node) {
                return new ForwardingFetcher(fetcher) {
                    @Override
                    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
                        FetchItem first = items.get(0);
                        boolean bad = items.size() == 1
                                && first.offset() == 0
                                && node.world().faults().chance(20);
                        return bad ? List.of(badBytes(first)) : super.fetch(peer, items);
                    }
                };
            }

            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return BrokenFiles.fullSizeIsFinished(files);
            }
        };
    }

    private static FetchOutcome badBytes(FetchItem item) {
        FileEntry entry = item.entry();
        try {
            item.destination().append(ByteBuffer.allocate((int) entry.sizeBytes()));
        } catch (StorageException e) {
            return new FetchOutcome.NotStored(e, 0);
        }
        return new FetchOutcome.Failed(new ChecksumMismatchException("Zeros instead of " + entry), 0);
    }

    /** A fetch ends at its socket timeout, whoever wants it to end. */
    static Variant ignoresInterrupts() {
        return new Variant() {
            @Override
            public Fetcher fetcher(Fetcher fetcher, SimulatedNode node) {
                return new ForwardingFetcher(fetcher) {
                    @Override
                    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
                        try {
                            return super.fetch(peer, items);
                        } catch (InterruptedException e) {
                            node.world().kernel().pause(SOCKET_TIMEOUT);
                            throw e;
                        }
                    }
                };
            }
        };
    }

    /** What a peer has sent is dropped when it fails, so that the next one begins at zero: where the storage cannot append. */
    static Variant beginsAgainAtEachPeer() {
        return new Variant() {
            @Override
            public int largeFilesPercent() {
                return 40;
            }

            @Override
            public boolean cannotAppend() {
                return true;
            }

            @Override
            public Fetcher fetcher(Fetcher fetcher, SimulatedNode node) {
                return new ForwardingFetcher(fetcher) {
                    @Override
                    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
                        List<FetchOutcome> outcomes = super.fetch(peer, items);
                        for (int i = 0; i < items.size(); i++) {
                            if (outcomes.get(i) instanceof FetchOutcome.Failed) {
                                drop(items.get(i));
                            }
                        }
                        return outcomes;
                    }

                    private void drop(FetchItem item) {
                        try {
                            item.destination().truncate(0);
                        } catch (StorageException e) {
                            node.world().kernel().note("truncate failed", 0);
                        }
                    }
                };
            }
        };
    }

    /** The worker sleeps before it tries again. */
    static Variant sleepsOnRetries() {
        return new Variant() {
            @Override
            public Fetcher fetcher(Fetcher fetcher, SimulatedNode node) {
                return new ForwardingFetcher(fetcher) {
                    @Override
                    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
                        List<FetchOutcome> outcomes = super.fetch(peer, items);
                        Life life = node.life();
                        if (life != null && outcomes.get(0) instanceof FetchOutcome.Failed) {
                            life.scheduler().sleep(BACKOFF);
                        }
                        return outcomes;
                    }
                };
            }
        };
    }

    /** The origin first, whatever is known of it. */
    static Variant originFirstAlways() {
        return new Variant() {
            @Override
            public PeerResolver resolver(PeerResolver resolver, SimulatedNode node) {
                return (origin, path) -> {
                    List<NodeId> named = new ArrayList<>(new TreeSet<>(resolver.candidates(origin, path)));
                    if (named.remove(origin)) {
                        named.add(0, origin);
                    }
                    return named;
                };
            }
        };
    }

    /** No fsync of the bytes before the rename. */
    static Variant doesNotFsync() {
        return new Variant() {
            @Override
            public boolean skipsFsync() {
                return true;
            }
        };
    }
}
