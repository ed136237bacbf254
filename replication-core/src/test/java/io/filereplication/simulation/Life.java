package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.ManifestListener;
import io.filereplication.Membership;
import io.filereplication.NodeId;
import io.filereplication.fetch.AuthenticatedFetcher;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.OriginFirstResolver;
import io.filereplication.fetch.PeerHealth;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.pull.FileEvents;
import io.filereplication.pull.PullProbe;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.PullerHost;
import io.filereplication.pull.PullerPeers;
import io.filereplication.serve.AnswerChannel;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.Holdings;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.PutFile;
import io.filereplication.storage.RecordedFiles;
import io.filereplication.storage.StorageException;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One life of a node's process, wired as the plugin wires it: the real puller, server, fetcher and files over the ports. */
final class Life {
    static final GroupId GROUP = GroupId.of("00000000-0000-0000-0000-00000000f11e");

    private static final Set<PullProbe.State> IN_FLIGHT = EnumSet.of(
            PullProbe.State.CHECKING, PullProbe.State.FETCHING, PullProbe.State.VERIFIED, PullProbe.State.PUBLISHING);
    private static final int SERVING = 8;
    private static final long OUTCOME_POLL_NANOS = 100_000_000L;
    /** Beyond what disks that are slow and machines that stand still take from it. */
    private static final long LONGEST_CLOSE_NANOS = 1_000_000_000L;

    private final SimulatedNode node;
    private final World world;
    private final Kernel kernel;
    private final SimulatedProcess process;
    private final VirtualScheduler scheduler;
    private final VirtualKeyedLock<FilePath> locks;
    private final SimulatedManifest manifest;
    private final ApplyLoop apply;
    private final PullerConfig config;
    private final BandwidthLimits<NodeId> incoming;
    private final BandwidthLimits<NodeId> outgoing;
    private final Meter meter;
    private final StagedHistory staged;
    private final ClusterSecrets secrets;
    private int serving;
    private int putting;
    private boolean closing;
    private boolean paused;
    private boolean membersKnown;
    private @Nullable LocalFiles files;
    private @Nullable FileServer server;
    private @Nullable Puller puller;
    private @Nullable Fetcher fetcher;
    private @Nullable PullProbe probe;

    /** A put whose fate is not known here. */
    Life(SimulatedNode node) {
        this.node = node;
        this.world = node.world();
        this.kernel = world.kernel();
        this.process = node.process();
        this.config = world.variant()
                .config(settings().filter((path, attributes) -> node.wants(path)))
                .selfNodeId(node.id())
                .build();
        this.scheduler = new VirtualScheduler(kernel, process, config.threads());
        this.incoming = new BandwidthLimits<>(scheduler);
        this.outgoing = new BandwidthLimits<>(scheduler);
        this.meter = new Meter(kernel, config.workers() + 1);
        this.staged = new StagedHistory(this);
        this.secrets = world.rotation().of(node.number());
        this.locks = new VirtualKeyedLock<>(kernel);
        this.manifest = new SimulatedManifest(world.log().stateAt(node.snapshotIndex()), node.snapshotIndex());
        this.apply = new ApplyLoop(node, manifest);
    }

    /** Small bounds and short pauses, so that every one of them is met. */
    private static PullerConfig.Builder settings() {
        return PullerConfig.defaults()
                .workers(2)
                .queueSize(4)
                .waitingSize(3)
                .attempts(2)
                .initialBackoff(Duration.ofMillis(500))
                .maxBackoff(Duration.ofSeconds(4))
                .maxFailedBackoff(Duration.ofSeconds(16))
                .progressTimeout(Duration.ofSeconds(20))
                .catchUpInterval(Duration.ofSeconds(60))
                .barrierWait(Duration.ofSeconds(10))
                .deleteGrace(Duration.ofSeconds(5))
                .fullPause(Duration.ofSeconds(2))
                .scrubInterval(Duration.ofSeconds(90))
                .closeTimeout(Duration.ofSeconds(30))
                // A proposal here is in the log, or lost, within twenty seconds.
                .longestProposal(Duration.ofSeconds(21));
    }

    void begin() {
        world.checks().manifestMoved(node);
        kernel.spawn(process, "boot", this::boot);
    }

    private void boot() {
        LocalFiles opened = null;
        while (opened == null) {
            try {
                opened = RecordedFiles.open(
                        new SimulatedDisk(kernel, world.faults(), node, node.storage()),
                        GROUP,
                        node.id(),
                        locks,
                        scheduler,
                        wallClock());
            } catch (StorageException e) {
                kernel.note("boot failed", 0);
                kernel.pause(Duration.ofSeconds(1).toNanos());
            }
        }
        SplittableRandom random = new SplittableRandom(world.faults().between(0, Long.MAX_VALUE - 1));
        files = world.variant().files(new WatchedFiles(this, opened), node);
        PeerHealth health = new PeerHealth(scheduler);
        Membership members = this::members;
        Puller made = makePuller(members, health, random);
        puller = made;
        probe = new PullProbe(made);
        server = new FileServer(
                credentials(),
                new Holdings(manifest, new ServedFiles(node, files()), members, made::verifySoon),
                new ServeCapacity(
                        new ServeConfig(2, 2, 1, Duration.ofSeconds(30), Duration.ofSeconds(1)), outgoing, scheduler),
                random.split());
        ManifestListener listener = world.variant().listener(made, node);
        kernel.spawn(process, "apply", () -> apply.run(listener, made));
        long unknown = world.faults().chance(30) ? world.faults().between(1, 8_000_000_000L) : 0;
        kernel.at(unknown, () -> kernel.spawn(process, "members", this::membersBecomeKnown));
        made.start();
    }

    /** Nobody is known right after the start. */
    private Set<NodeId> members() {
        return membersKnown ? manifest.members() : Set.of();
    }

    private void membersBecomeKnown() {
        membersKnown = true;
        Puller made = puller;
        if (made != null) {
            made.topologyChanged();
        }
    }

    private Puller makePuller(Membership members, PeerHealth health, SplittableRandom random) {
        PeerTransport transport = world.network().transportOf(node, process);
        Fetcher real = new AuthenticatedFetcher(
                credentials(),
                transport,
                new FetchConfig(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(3),
                        config.progressTimeout(),
                        Duration.ofMinutes(1)),
                incoming,
                health,
                scheduler,
                random.split());
        WatchedFetcher watched = new WatchedFetcher(this, world.variant().fetcher(real, node));
        fetcher = watched;
        PullerPeers peers = new PullerPeers(
                watched,
                watched.watching(world.variant().resolver(new OriginFirstResolver(node.id(), members, health), node)),
                members);
        PullerHost host = new PullerHost(apply::pass, new Events(), scheduler, wallClock(), random.split());
        return new Puller(config, world.variant().manifestForPuller(manifest, node), files(), peers, host);
    }

    private InstantSource wallClock() {
        return () -> Instant.ofEpochMilli(node.wallClockMillis());
    }

    private Credentials credentials() {
        return new Credentials(secrets, "simulated", GROUP, node.id());
    }

    LocalFiles files() {
        LocalFiles opened = files;
        if (opened == null) {
            throw new IllegalStateException(node + " has not opened its files yet");
        }
        return opened;
    }

    /** Whether the files are open. */
    boolean isOpen() {
        return puller != null;
    }

    SimulatedManifest manifest() {
        return manifest;
    }

    ApplyLoop apply() {
        return apply;
    }

    @Nullable
    Puller puller() {
        return puller;
    }

    @Nullable
    PullProbe probe() {
        return probe;
    }

    PullerConfig config() {
        return config;
    }

    VirtualScheduler scheduler() {
        return scheduler;
    }

    boolean knowsMembers() {
        return membersKnown;
    }

    VirtualKeyedLock<FilePath> locks() {
        return locks;
    }

    SimulatedNode node() {
        return node;
    }

    // Serving.

    /** Answers a request on a thread of its own; a server that is not there yet answers nothing. */
    void serve(ByteBuffer request, Exchange exchange) {
        FileServer answering = server;
        if (answering == null || serving >= SERVING) {
            exchange.breakOff();
            return;
        }
        serving++;
        kernel.spawn(process, "serve", () -> {
            boolean failed = true;
            try {
                AnswerChannel channel = exchange.channelFor(kernel.current());
                answering.serve(request, channel);
                failed = false;
            } catch (IOException e) {
                kernel.note("answer failed", 0);
            } finally {
                serving--;
                exchange.answered(failed);
            }
        });
    }

    // Putting.

    /** Stages new content and registers it, as the application's put does. Blocks. */
    void put(FilePath path, byte[] content) {
        if (closing) {
            return;
        }
        putting++;
        try {
            PutFile put = files().beginPut(path, content.length);
            boolean decided = true;
            try {
                int half = content.length / 2;
                put.write(ByteBuffer.wrap(content, 0, half));
                put.write(ByteBuffer.wrap(content, half, content.length - half));
                Instant now = Instant.ofEpochMilli(node.wallClockMillis());
                decided = propose(put, put.finish(now), now);
            } finally {
                if (decided) {
                    put.close();
                }
            }
        } catch (StorageException e) {
            kernel.note("put failed", 0);
        } finally {
            putting--;
        }
    }

    /** Whether its fate is known here: until then nobody else may decide about its bytes, not even while the node closes. */
    private boolean propose(PutFile put, HashedFile whole, Instant createdAt) throws StorageException {
        int luck = world.faults().below(10);
        boolean refused = luck == 0 && world.faults().areOn();
        Proposal proposal = Proposal.of(
                kernel, world.proposalNanos(), () -> refused ? null : world.commit(whole, node.id(), createdAt));
        boolean decided = proposal.await(() -> closing);
        boolean known = luck > 1 || !world.faults().areOn();
        kernel.pause(world.network().latency());
        if (decided && proposal.entry() == null && known) {
            put.discard();
            return true;
        }
        return decided && settle(proposal.entry());
    }

    /** Waits until the put's fate is known here, applied or not in the log; so long its bytes are held. */
    private boolean settle(@Nullable FileEntry entry) {
        long index =
                entry == null ? world.log().lastIndex() : entry.contentLsn().index();
        while (manifest.appliedIndex() < index && !closing) {
            kernel.await(apply.moved(), -1);
        }
        return manifest.appliedIndex() >= index;
    }

    /** Writes a file where it is to stay and registers it, as the application does. Blocks. */
    void registerInPlace(FilePath path, byte[] content) {
        if (!closing && node.place(path, content)) {
            registerWhatLiesAt(path, world.proposalNanos());
        }
    }

    /** Registers the file that is at {@code path}, in whatever standing, as the application does. Blocks, the proposal for so long. */
    void registerWhatLiesAt(FilePath path, long proposalNanos) {
        if (closing) {
            return;
        }
        putting++;
        try {
            world.faults().felt(FaultKind.REGISTERED_IN_PLACE, node);
            HashedFile whole = files().hashInPlace(path);
            Proposal proposal = Proposal.of(kernel, proposalNanos, () -> commitInPlace(whole));
            if (proposal.await(() -> closing)) {
                registered(path, proposal.entry());
            }
        } catch (StorageException e) {
            kernel.note("register in place failed", 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            putting--;
        }
    }

    private @Nullable FileEntry commitInPlace(HashedFile whole) {
        boolean refused = world.faults().areOn() && world.faults().below(10) == 0;
        FileEntry entry = refused || !world.book().knows(whole.sha256())
                ? null
                : world.commit(whole, node.id(), Instant.ofEpochMilli(node.wallClockMillis()));
        if (entry != null) {
            node.inPlace().add(entry.sha256());
            node.accountFor(entry);
        }
        return entry;
    }

    /** As the client does: until the outcome is known and recorded, or was replaced before it was, the file is left alone. */
    private void registered(FilePath path, @Nullable FileEntry entry) {
        if (entry == null) {
            files().registrationOver(path);
            return;
        }
        kernel.spawn(process, "await the outcome", () -> {
            while (!isOver(entry) && !closing) {
                kernel.await(apply.moved(), OUTCOME_POLL_NANOS);
            }
            files().registrationOver(path);
        });
    }

    private boolean isOver(FileEntry entry) {
        FileEntry registered = manifest.get(entry.path());
        boolean replaced = registered == null || !registered.version().equals(entry.version());
        boolean applied = manifest.appliedIndex() >= entry.contentLsn().index();
        return applied && (replaced || files().records(entry.version()));
    }

    /** What became of staged bytes. */
    StagedHistory staged() {
        return staged;
    }

    // Operating.

    Meter meter() {
        return meter;
    }

    /** Whether no pull may begin. */
    boolean isPaused() {
        return paused;
    }

    void pause() {
        Puller made = puller;
        if (made != null) {
            world.variant().pause(made);
            paused = true;
        }
    }

    void resume() {
        Puller made = puller;
        if (made != null) {
            paused = false;
            made.resume();
        }
    }

    /** Pauses, and looks whether nothing is in flight when the puller says so. Blocks. */
    void drain(Duration timeout) {
        Puller made = puller;
        PullProbe probed = probe;
        if (made == null || probed == null || closing || !world.faults().areOn()) {
            return; // a machine that stood still may come to this long after pulling was resumed for good
        }
        try {
            paused = true;
            boolean drained = made.drain(timeout);
            if (drained && paused && !Collections.disjoint(probed.states(), IN_FLIGHT)) {
                world.checks().violated(node, "it was drained, and yet there are pulls in " + probed.states());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Limits what comes and goes; empty is no limit. */
    void limit(OptionalLong bytesPerSecond) {
        world.variant().limit(incoming, bytesPerSecond);
        outgoing.limitEachPeer(bytesPerSecond);
        meter.limit(bytesPerSecond.orElse(0));
    }

    // Ending.

    /** Ends as an application does that closes everything; then checks that nothing was left open. */
    void close() {
        closing = true;
        kernel.signal(apply.moved());
        while (putting > 0) {
            kernel.pause(1_000_000);
        }
        Puller open = puller;
        if (open != null) {
            long begun = kernel.now();
            open.close();
            long took = kernel.now() - Math.max(begun, node.losesTimeUntil());
            if (took > LONGEST_CLOSE_NANOS) {
                world.checks()
                        .violated(node, "closing the puller took " + took / 1_000_000 + " ms more than it had to");
            }
        }
        apply.stop();
        FileServer answering = server;
        if (answering != null) {
            answering.close();
        }
        while (serving > 0) {
            kernel.pause(1_000_000); // as closing a Ratis server does
        }
        Fetcher asking = fetcher;
        if (asking != null) {
            asking.close();
        }
        LocalFiles opened = files;
        if (opened != null) {
            opened.close();
        }
        scheduler.close();
    }

    NodeId id() {
        return node.id();
    }

    private final class Events implements FileEvents {
        @Override
        public void onReadinessChanged(boolean ready) {
            kernel.note("ready", ready ? 1 : 0);
            world.checks().readinessMoved(Life.this);
        }

        @Override
        public void onPublished(FileEntry entry) {
            kernel.note("published", entry.contentLsn().index());
        }
    }
}
