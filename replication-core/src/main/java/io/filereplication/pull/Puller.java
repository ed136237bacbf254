package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.ManifestView;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every registered file here and removes what was deleted, whatever fails on the way. One for each group and node.
 *
 * <p><b>Threads:</b> thread-safe. The {@link ManifestListener} methods, {@link #enqueue} and {@link #topologyChanged} may be
 * called on the apply thread and under Ratis' locks: they never block and do no I/O. Work is done on the host's
 * {@link Scheduler}; no lock is held across I/O or a callback.
 *
 * <p><b>Durability:</b> a file counts as here once it is verified, fsynced and renamed. Memory is bounded by the
 * configuration; what does not fit is counted as deferred and found by a later walk.
 */
public final class Puller implements ManifestListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Puller.class);

    private static final Duration DRAIN_POLL = Duration.ofMillis(5);

    private enum Life {
        NEW,
        STARTED,
        CLOSED
    }

    private final PullerCore core;
    private final PullWorker worker;
    private final Removals removals;
    private final CatchUpWalk walk;
    private final WalkTriggers triggers;
    private final BarrierPass lastBarrier;
    private final Verification verification;
    private final Scrub scrub;
    private final LocalWaiters waiters;
    private final Announcements announcements;
    private final SerialTask readinessLane;
    private final MembersWatch members;
    private final Intake intake;
    private final SpaceWatch space;

    private Life life = Life.NEW;

    /** A puller that does nothing before {@link #start()}. Closes none of the parts it is given. */
    public Puller(PullerConfig config, ManifestView manifest, LocalFiles files, PullerPeers peers, PullerHost host) {
        Scheduler scheduler = host.scheduler();
        Parts parts = new Parts();
        NodeLog log = NodeLog.of(config.selfNodeId(), config.group(), scheduler);
        ActiveThreads active = new ActiveThreads(log + ": puller", scheduler);
        Counters counters = new Counters();
        Backoff backoff = new Backoff(host.random());
        Readiness readiness = new Readiness(manifest, scheduler, parts);
        PullTable table = new PullTable(config, scheduler, backoff, counters, readiness, parts::work);
        StepTimes times = new StepTimes(config.timings(), scheduler, log);
        core = new PullerCore(
                config,
                manifest,
                files,
                scheduler,
                active,
                new PullBoard(table, config, scheduler, counters, readiness),
                new WorkerDesk(table, scheduler),
                readiness,
                counters,
                new PeerCounters(),
                times,
                backoff,
                log);
        space = new SpaceWatch(core);
        waiters = new LocalWaiters(scheduler::executeSoon);
        members = new MembersWatch(core, peers.membership());
        worker = new PullWorker(core, peers, members, parts);
        removals = new Removals(core, host.events(), space::returned, parts::lost);
        intake = new Intake(core, removals, waiters, parts::roomMade);
        walk = new CatchUpWalk(core, removals, host, parts);
        triggers = new WalkTriggers(core, host.barrier(), this::barrierPassed, walk::request);
        lastBarrier = new BarrierPass(core, host.barrier(), index -> earlierProposalsOver());
        verification = new Verification(core, parts, parts::roomMade);
        scrub = new Scrub(core, host.wallClock());
        announcements = new Announcements(host.events(), log);
        readinessLane = new SerialTask(scheduler, active, () -> announcements.readiness(readiness.isReady()));
    }

    /** Begins: waits for the barrier in the background, then walks. Idempotent; returns at once. */
    public void start() {
        synchronized (this) {
            if (life != Life.NEW) {
                return;
            }
            life = Life.STARTED;
        }
        triggers.start();
        scrub.start();
        lastBarrier.beginIn(core.config().longestProposal());
    }

    /**
     * Cancels fetches in flight and waits for the workers, within {@link PullerConfig#closeTimeout()}; staged bytes stay for
     * the next start. Holds no lock while it waits. Idempotent, and safe before {@link #start()}.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (life == Life.CLOSED) {
                return;
            }
            life = Life.CLOSED;
        }
        core.readiness().close();
        triggers.close();
        lastBarrier.close();
        members.close();
        scrub.close();
        removals.close();
        core.board().close().forEach(worker::letGo);
        core.active().close(core.config().closeTimeout());
        waiters.close();
    }

    /** Nobody can turn what the process before proposed into a log entry any more, and after that a barrier was passed. */
    private void earlierProposalsOver() {
        core.files().earlierProposalsOver();
        walk.request(); // what was kept for them may go, and something may wait for its room
    }

    private void barrierPassed() {
        core.files().barrierPassed(core.manifest().appliedIndex());
        core.readiness().barrierPassed();
        intake.barrierPassed(); // before the walk begins: what is applied from now on is either heard or walked
        walk.requestAnew();
    }

    // What the manifest says.

    @Override
    public void registered(FileEntry entry) {
        enqueue(entry);
    }

    /**
     * Has {@code entry} pulled, unless it is here, on its way, or unwanted; an older copy of what is unwanted is removed after the
     * grace period. Never blocks, no I/O, constant time. Before the
     * first barrier it does nothing: the walk after the barrier finds what is still registered then.
     */
    public void enqueue(FileEntry entry) {
        intake.registered(entry);
    }

    @Override
    public void deleted(FileEntry removed, Lsn at) {
        intake.deleted(removed, at);
    }

    /** A walk finds what appeared and what disappeared, and besides what this node lacked before. */
    @Override
    public void replaced(ManifestDifference difference) {
        core.readiness().replaced();
        if (isStarted()) {
            walk.requestAnew();
        }
    }

    private synchronized boolean isStarted() {
        return life == Life.STARTED;
    }

    /** Whether this node is to have the file: the filter wants it, or this node wrote it. */
    public boolean wants(FileEntry entry) {
        return core.wants(entry);
    }

    // What others ask for.

    /**
     * Walks over the manifest once more, from now; requests while a walk runs become one more walk. A storage that was full is tried
     * at once: whoever asks may have made room. Never blocks.
     */
    public void runCatchUp() {
        if (isStarted()) {
            space.returned();
            walk.request();
        }
    }

    /** The members or their addresses have changed: what waits for peers is tried at once. Never blocks. */
    public void topologyChanged() {
        members.changed();
    }

    /**
     * Begins no more pulls until {@link #resume()}, in this process: those that run go on, and so do deletes, and nothing
     * counts as an attempt meanwhile. What is registered waits, in the queue or for the next walk. Never blocks.
     */
    public void pause() {
        if (core.board().pause()) {
            core.log().info(LOG, "pulling pauses until it is resumed");
        }
    }

    /**
     * {@link #pause()}, and then waits for the pulls that run, no longer than {@code timeout}. It stays paused.
     *
     * @return whether no pull runs any more
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        Scheduler scheduler = core.scheduler();
        long begun = scheduler.nanoTime();
        pause();
        while (!core.board().isAtRest()) {
            if (scheduler.nanoTime() - begun >= timeout.toNanos()) {
                return false;
            }
            scheduler.sleep(DRAIN_POLL);
        }
        return true;
    }

    /** Takes {@link #pause()} and {@link #drain} back. Never blocks. */
    public void resume() {
        if (core.board().resume()) {
            core.log().info(LOG, "pulling is resumed");
        }
    }

    /**
     * Has the file of {@code entry} hashed before all others that wait for it: a peer or a reader wants it, or doubts it.
     * When there is no room for that it is deferred to a walk, which finds what is doubted; who only wants it asks again.
     * Never blocks.
     *
     * @return whether that is done; not for what the filter does not want here
     */
    public boolean verifySoon(FileEntry entry) {
        if (!wants(entry)) {
            return false;
        }
        if (core.board().offerToVerify(entry) == PullBoard.Offer.FULL) {
            core.counters().add(Count.DEFERRED);
            triggers.walkSoon();
        } else {
            verification.request();
        }
        return true;
    }

    /**
     * Completes with the entry once {@code path} is here in a version not before {@code atLeast}, at once when it is. Never
     * fails by itself except at {@link #close()}; cancel it, or give it a timeout, to stop waiting. Completed on a worker that
     * pulls as well: a continuation that blocks or takes long belongs on an executor of its own ({@code thenApplyAsync}).
     */
    public CompletableFuture<FileEntry> awaitLocal(FilePath path, Lsn atLeast) {
        CompletableFuture<FileEntry> future = waiters.await(path, atLeast);
        FileEntry entry = core.manifest().get(path);
        if (entry != null && core.files().records(entry.version())) {
            waiters.arrived(entry);
        }
        return future;
    }

    // What others see.

    /**
     * Whether the barrier was passed and everything that the walk after it found missing is here. A snapshot install closes
     * it until its own walk is done; steady-state pulls do not. Lock-free.
     */
    public boolean fullyCaughtUp() {
        return core.readiness().isReady();
    }

    /** Whether a walk has finished; never goes back. Lock-free. */
    public boolean catchUpCompleted() {
        return core.readiness().isCompleted();
    }

    /** Every file of the manifest up to this log index is here; -1 while that is not known of any. Lock-free. */
    public long caughtUpIndex() {
        return core.readiness().caughtUpIndex();
    }

    /** The numbers of this moment. */
    public PullerStats stats() {
        PullGauges gauges = core.board().gauges();
        return PullerStats.of(
                core.counters().snapshot(),
                gauges,
                walk.stats(gauges, core.readiness().lostCount()),
                core.peerCounters().snapshot());
    }

    /** Up to {@code limit} versions that every member has answered <em>not found</em> for. */
    public List<FileVersion> unavailable(int limit) {
        return core.board().unavailable(limit);
    }

    /** Up to {@code limit} missing files that were tried in vain, the longest known first. */
    public List<PullFailure> failures(int limit) {
        return core.board().failures(limit);
    }

    /** Why this node removes nothing although it could, when its records and the manifest do not belong together. */
    public Optional<String> problem() {
        return Optional.ofNullable(walk.problem());
    }

    @Override
    public String toString() {
        return core.log() + ": puller";
    }

    /** Where the parts meet; called only after construction. */
    private final class Parts implements Readiness.Listener, CatchUpWalk.Surroundings, PullWorker.Consequences {
        void work() {
            worker.wake();
        }

        @Override
        public void gateMoved() {
            readinessLane.request();
        }

        @Override
        public void deferred() {
            triggers.walkSoon();
        }

        @Override
        public void lost() {
            triggers.walkLater();
        }

        @Override
        public boolean isBarrierPassed() {
            return intake.isBarrierPassed();
        }

        @Override
        public void walkBegan() {
            triggers.walkBegan();
        }

        @Override
        public void walkFinished(boolean complete, long spentNanos) {
            triggers.walkFinished(complete, spentNanos);
        }

        @Override
        public void walkBrokeOff() {
            triggers.walkBrokeOff();
        }

        @Override
        public void published(FileEntry entry, Publication.Published publication) {
            waiters.arrived(entry);
            announcements.published(entry, publication);
            intake.isHere(entry);
        }

        @Override
        public void foundHere(FileEntry entry) {
            waiters.arrived(entry);
            intake.isHere(entry);
        }

        @Override
        public void gone(FileEntry entry) {
            intake.gone(entry);
        }

        @Override
        public void toVerify() {
            verification.request();
        }

        @Override
        public void roomMade() {
            walk.roomMade();
        }

        @Override
        public void noSpace() {
            space.gone();
        }

        @Override
        public void spaceUsed() {
            space.used();
        }
    }
}
