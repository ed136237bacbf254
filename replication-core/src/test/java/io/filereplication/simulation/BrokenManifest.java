package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.ManifestView;
import io.filereplication.pull.PullProbe;
import io.filereplication.pull.PullerConfig;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Ways of not hearing, or not believing, what the manifest says: bugs of docs/failures.md, one each. */
final class BrokenManifest {
    private static final long GRACE_NANOS = 5_000_000_000L;
    private static final int ROOM_IN_THE_QUEUE = 2;

    private BrokenManifest() {}

    private static Variant listener(BiFunction<ManifestListener, SimulatedNode, ManifestListener> broken) {
        return new Variant() {
            @Override
            public ManifestListener listener(ManifestListener puller, SimulatedNode node) {
                return broken.apply(puller, node);
            }

            @Override
            public PullerConfig.Builder config(PullerConfig.Builder config) {
                return config.catchUpInterval(Duration.ofDays(1));
            }
        };
    }

    private static boolean isOnItsWay(SimulatedNode node, FilePath path) {
        Life life = node.life();
        PullProbe probe = life == null ? null : life.probe();
        return probe != null && !probe.statesOf(List.of(path)).isEmpty();
    }

    private static boolean isFull(SimulatedNode node) {
        Life life = node.life();
        PullProbe probe = life == null ? null : life.probe();
        return life != null && probe != null && probe.size() >= life.config().queueSize();
    }

    /** An update of what is being pulled is a duplicate. */
    static Variant dropsUpdatesInFlight() {
        return listener((puller, node) -> new ForwardingListener(puller) {
            @Override
            public void registered(FileEntry entry) {
                if (!isOnItsWay(node, entry.path())) {
                    super.registered(entry);
                }
            }
        });
    }

    /** What finds no room in the queue is forgotten. */
    static Variant dropsWhatFindsNoRoom() {
        return listener((puller, node) -> new ForwardingListener(puller) {
            @Override
            public void registered(FileEntry entry) {
                if (!isFull(node)) {
                    super.registered(entry);
                }
            }
        });
    }

    /** An installed snapshot is no news, and one walk is enough. */
    static Variant ignoresInstalls() {
        return listener((puller, node) -> new ForwardingListener(puller) {
            @Override
            public void replaced(ManifestDifference difference) {}
        });
    }

    /** A delete stops no pull, and publishing believes what was once registered. */
    static Variant doesNotHearOfDeletes() {
        return new Variant() {
            @Override
            public ManifestListener listener(ManifestListener puller, SimulatedNode node) {
                return new ForwardingListener(puller) {
                    @Override
                    public void deleted(FileEntry removed, Lsn at) {}
                };
            }

            @Override
            public ManifestView manifestForPuller(ManifestView manifest, SimulatedNode node) {
                Map<FilePath, FileEntry> last = new HashMap<>();
                return new ForwardingManifest(manifest) {
                    @Override
                    public @Nullable FileEntry get(FilePath path) {
                        FileEntry now = super.get(path);
                        if (now != null) {
                            last.put(path, now);
                        }
                        return last.get(path);
                    }
                };
            }
        };
    }

    /** The deferred delete removes what is there when the grace period is over. */
    static Variant deletesByPath() {
        return listener((puller, node) -> new ForwardingListener(puller) {
            @Override
            public void deleted(FileEntry removed, Lsn at) {
                super.deleted(removed, at);
                Kernel kernel = node.world().kernel();
                SimulatedProcess process = node.process();
                kernel.at(GRACE_NANOS, () -> kernel.spawn(process, "remove", () -> remove(node, removed.path())));
            }
        });
    }

    private static void remove(SimulatedNode node, FilePath path) {
        Life life = node.life();
        if (life == null) {
            return;
        }
        ManifestView empty = new SimulatedManifest(new ReplicatedLog.State(new TreeMap<>(), Set.of()), Long.MAX_VALUE);
        try {
            life.files().remove(path, new Lsn(Long.MAX_VALUE, 0), Disposal.DELETE, empty);
        } catch (StorageException e) {
            node.world().kernel().note("remove failed", 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A walk takes what found no room for enqueued. */
    static Variant walkLosesWhatFindsNoRoom() {
        return new Variant() {
            @Override
            public ManifestView manifestForPuller(ManifestView manifest, SimulatedNode node) {
                return new ForwardingManifest(manifest) {
                    @Override
                    public List<FileEntry> page(@Nullable FilePath after, int limit) {
                        int[] room = {ROOM_IN_THE_QUEUE};
                        return super.page(after, limit).stream()
                                .filter(entry -> isRecorded(node, entry) || room[0]-- > 0)
                                .toList();
                    }
                };
            }
        };
    }

    private static boolean isRecorded(SimulatedNode node, FileEntry entry) {
        Life life = node.life();
        return life != null && life.isOpen() && life.files().records(entry.version());
    }

    /** A page that cannot be read ends the walks for good. */
    static Variant pageErrorEndsWalks() {
        return new Variant() {
            @Override
            public ManifestView manifestForPuller(ManifestView manifest, SimulatedNode node) {
                return new ForwardingManifest(manifest) {
                    @Override
                    public List<FileEntry> page(@Nullable FilePath after, int limit) {
                        throw new IllegalStateException("No page today, nor ever after");
                    }
                };
            }
        };
    }
}
