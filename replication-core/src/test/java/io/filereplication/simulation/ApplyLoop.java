package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.pull.Puller;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** A node's state machine: replays, applies at its own pace, takes and installs snapshots, and passes barriers. */
final class ApplyLoop {
    private static final long BARRIER_TIMEOUT = 3_000_000_000L;
    private static final int INSTALL_BEHIND = 3;

    private final SimulatedNode node;
    private final World world;
    private final Kernel kernel;
    private final Faults faults;
    private final SimulatedManifest manifest;
    private final Signal moved = new Signal();
    private final List<Pass> passes = new ArrayList<>();
    private boolean stopped;
    /** Applied indices that the checkers may rely on: the first barrier passed, and the last snapshot installed. */
    private long firstBarrier = -1;

    private long lastInstall = -1;
    private int installs;

    /** Somebody who waits for a barrier. */
    private record Pass(long index, CompletableFuture<Long> future) {}

    ApplyLoop(SimulatedNode node, SimulatedManifest manifest) {
        this.node = node;
        this.world = node.world();
        this.kernel = world.kernel();
        this.faults = world.faults();
        this.manifest = manifest;
    }

    /** Given whenever the applied index moves. */
    Signal moved() {
        return moved;
    }

    long firstBarrier() {
        return firstBarrier;
    }

    long lastInstall() {
        return lastInstall;
    }

    int installs() {
        return installs;
    }

    void stop() {
        stopped = true;
        kernel.signal(world.log().grew);
    }

    void run(ManifestListener listener, Puller puller) {
        long replayed = node.knownIndex();
        long stopAt = faults.chance(30) ? faults.between(manifest.appliedIndex(), replayed) : -1;
        while (!stopped) {
            long applied = manifest.appliedIndex();
            if (applied == stopAt) {
                stopAt = -1;
                kernel.pause(faults.between(1, 15_000_000_000L)); // no leader for a while, half-way through the replay
            }
            if (applied < replayed) {
                apply(applied + 1, listener, puller);
            } else if (applied >= world.log().lastIndex() || world.isCutOff(node)) {
                kernel.await(world.log().grew, 500_000_000L);
            } else if (world.log().lastIndex() - applied >= INSTALL_BEHIND && faults.chance(40)) {
                install(listener);
            } else {
                kernel.pause(faults.between(100_000, faults.chance(20) ? 4_000_000_000L : 50_000_000L));
                apply(applied + 1, listener, puller);
                if (faults.chance(15)) {
                    node.snapshotTaken(manifest.appliedIndex());
                }
            }
        }
    }

    private void apply(long index, ManifestListener listener, Puller puller) {
        ReplicatedLog.Change change = world.log().changeAt(index);
        FileEntry registered = change.registered();
        FileEntry deleted = change.deleted();
        if (registered != null && !node.wants(registered) && faults.chance(50)) {
            world.awaitRareMoment(node);
        }
        kernel.step("apply", index);
        manifest.show(world.log().stateAt(index));
        world.checks().manifestMoved(node);
        if (registered != null) {
            FaultKind kind = world.kindOf(registered);
            if (kind != null) {
                faults.felt(kind, node);
            }
            if (!node.wants(registered)) {
                faults.felt(FaultKind.NOT_WANTED, node);
            }
            listener.registered(registered);
        } else if (deleted != null) {
            faults.felt(FaultKind.DELETE, node);
            listener.deleted(deleted, new Lsn(index, 0));
        }
        kernel.trace().comment(node + " applied " + index + ": " + change);
        manifest.applied(index);
        if (change.members()) {
            faults.felt(FaultKind.MEMBERS_CHANGED, node);
            puller.topologyChanged();
        }
        kernel.signal(moved);
        completePasses();
    }

    private void install(ManifestListener listener) {
        manifest.settled(false);
        kernel.note("pause", node.number());
        kernel.pause(faults.between(1, 2_000_000_000L));
        long index = world.log().lastIndex();
        faults.felt(FaultKind.SNAPSHOT_INSTALLED, node);
        Collection<FileEntry> before = manifest.entries().values();
        manifest.show(world.log().stateAt(index));
        world.checks().manifestMoved(node);
        manifest.applied(index);
        manifest.settled(true);
        node.snapshotTaken(index);
        lastInstall = index;
        installs++;
        listener.replaced(ManifestDifference.between(before, manifest.entries().values()));
        world.checks().installed(node);
        kernel.step("installed", index);
        kernel.signal(moved);
        completePasses();
    }

    private void completePasses() {
        for (Pass pass : List.copyOf(passes)) {
            if (manifest.appliedIndex() >= pass.index() && !world.isCutOff(node)) {
                passes.remove(pass);
                passed(pass);
            }
        }
    }

    private void passed(Pass pass) {
        if (pass.future().isDone()) {
            return;
        }
        if (firstBarrier < 0) {
            firstBarrier = pass.index();
        }
        kernel.note("barrier", pass.index());
        pass.future().complete(manifest.appliedIndex());
    }

    /** Asks a leader how far the log is, waits until that is applied here. */
    CompletableFuture<Long> pass() {
        CompletableFuture<Long> future = new CompletableFuture<>();
        if (faults.chance(30) || world.isCutOff(node)) {
            kernel.at(
                    BARRIER_TIMEOUT,
                    () -> kernel.spawn(node.process(), "barrier", () -> {
                        faults.felt(FaultKind.BARRIER_FAILED, node);
                        future.completeExceptionally(new TimeoutException("No leader"));
                    }));
            return future;
        }
        Pass pass = new Pass(world.log().lastIndex(), future);
        passes.add(pass);
        kernel.at(world.network().latency(), () -> kernel.spawn(node.process(), "barrier", this::completePasses));
        return future;
    }
}
