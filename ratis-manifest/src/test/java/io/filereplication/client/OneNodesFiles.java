package io.filereplication.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.pull.FileEvents;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.PullerHost;
import io.filereplication.pull.PullerPeers;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.storage.MemoryStorage;
import io.filereplication.storage.RecordedFiles;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageException;
import io.filereplication.time.FairKeyedLock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@link FileReplication} over the real puller, records, manifest and client of one node without peers, on the test's thread and over
 * a time that the test moves; only the log, the disk and the barrier are the test's.
 */
final class OneNodesFiles {
    static final NodeId SELF = NodeId.of("n1");
    private static final GroupId GROUP = GroupId.of("02511d47-d67c-49a3-9011-abb3109a44c1");
    private static final AtomicLong SECONDS = new AtomicLong(1_700_000_000);
    /** Long ago for a disk whose modification times are small numbers; shows another time each time. */
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(SECONDS.getAndIncrement());

    final VirtualScheduler time = new VirtualScheduler();
    final ScriptedLog log = new ScriptedLog();
    final MemoryStorage storage;
    final RecordedFiles local;
    final Puller puller;
    final FileReplication files;
    /** What the next barriers come to; without one they are passed. */
    final Deque<CompletableFuture<Long>> barriers = new ArrayDeque<>();

    int barriersAsked;

    OneNodesFiles() throws StorageException {
        this(new MemoryStorage());
    }

    /** A node that finds {@code storage} as another process left it. */
    OneNodesFiles(MemoryStorage storage) throws StorageException {
        this(storage, ReplicationFilter.ALL);
    }

    /** A node that wants what {@code filter} takes. */
    OneNodesFiles(MemoryStorage storage, ReplicationFilter filter) throws StorageException {
        this.storage = storage;
        local = RecordedFiles.open(storage, GROUP, SELF, new FairKeyedLock<FilePath>(), time, CLOCK);
        PullerPeers peers = new PullerPeers(new Nobody(), (origin, path) -> List.of(), () -> Set.of(SELF));
        PullerConfig config =
                PullerConfig.defaults().selfNodeId(SELF).filter(filter).build();
        puller = new Puller(
                config,
                log.manifest,
                local,
                peers,
                new PullerHost(this::barrier, FileEvents.NONE, time, CLOCK, new Random(1)));
        log.manifest.addListener(puller);
        ManifestClient client =
                new ManifestClient(log, log.manifest, new Random(2), time, ManifestClientSettings.defaults());
        files = new FileReplication(
                new LocalNode(
                        SELF, log.manifest, local, puller, this::barrier, time, CLOCK, ManifestView.LONGEST_PROPOSAL),
                client);
    }

    private CompletableFuture<Long> barrier() {
        barriersAsked++;
        CompletableFuture<Long> next = barriers.poll();
        return next == null ? CompletableFuture.completedFuture(log.manifest.appliedIndex()) : next;
    }

    /** From now on what is registered is pulled, and what is here is found. */
    void startPulling() {
        puller.start();
        time.runReady();
    }

    /** The published bytes of {@code path}, or null. */
    byte[] published(FilePath path) {
        return storage.published().get(path);
    }

    /** Names of files that hold bytes of puts, or say what they are. */
    List<String> puts() {
        return storage.ownNames(Area.PUTS);
    }

    void close() {
        files.close();
        puller.close();
        local.close();
        storage.assertNothingOpen();
        assertThat(time.timers()).isZero();
    }

    /** A network without anybody. */
    private static final class Nobody implements Fetcher {
        @Override
        public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) {
            throw new AssertionError("There is no peer to ask for " + items);
        }

        @Override
        public void reportMismatch(NodeId peer, FileEntry entry) {
            throw new AssertionError("There is no peer to blame for " + entry);
        }

        @Override
        public void close() {}
    }
}
