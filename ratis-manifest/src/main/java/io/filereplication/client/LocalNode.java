package io.filereplication.client;

import io.filereplication.FileEntry;
import io.filereplication.FileVersion;
import io.filereplication.NodeId;
import io.filereplication.manifest.Manifest;
import io.filereplication.pull.Barrier;
import io.filereplication.pull.Puller;
import io.filereplication.storage.LocalFiles;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one group on this node that {@link FileReplication} works with.
 *
 * @param self this node, the origin of what is put here
 * @param manifest this node's copy of the manifest
 * @param files this node's disk
 * @param puller publishes what was registered
 * @param barrier settles puts and registrations whose outcome is unknown
 * @param scheduler its workers copy and hash what is put; nobody else's
 * @param clock says when a file was created
 * @param longestProposal for how long a proposal without an answer may still become a log entry; {@link
 *     io.filereplication.ManifestView#LONGEST_PROPOSAL} with our client and Ratis's own times
 */
public record LocalNode(
        NodeId self,
        Manifest manifest,
        LocalFiles files,
        Puller puller,
        Barrier barrier,
        Scheduler scheduler,
        InstantSource clock,
        Duration longestProposal) {
    private static final Duration REPLACED_CHECK = Duration.ofMillis(500);
    private static final Duration BARRIER_AGAIN = Duration.ofSeconds(1);

    public LocalNode {
        Objects.requireNonNull(self, "self");
        Objects.requireNonNull(manifest, "manifest");
        Objects.requireNonNull(files, "files");
        Objects.requireNonNull(puller, "puller");
        Objects.requireNonNull(barrier, "barrier");
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(longestProposal, "longestProposal");
    }

    /**
     * Completes {@code here}, which waits for {@code entry}, also when there is nothing to wait for: somebody has deleted or replaced it
     * before it was published or recorded here, or another node had registered this content before and the filter keeps it from here.
     */
    void endWhenReplaced(FileEntry entry, CompletableFuture<FileEntry> here) {
        if (here.isDone()) {
            return;
        }
        FileEntry unwanted = unwanted(entry.version());
        if (unwanted != null) {
            var unused = here.completeAsync(() -> unwanted, scheduler::executeSoon);
        } else if (manifest.hasMovedPast(entry.version())) {
            var unused = here.completeAsync(() -> entry, scheduler::executeSoon);
        } else {
            scheduler.schedule(REPLACED_CHECK, () -> endWhenReplaced(entry, here));
        }
    }

    /**
     * Runs {@code then} once nobody can turn a proposal of which the outcome is unknown into a log entry any more: from then on the
     * manifest shows what became of it.
     */
    void whenProposalsAreDecided(Runnable then) {
        scheduler.schedule(longestProposal, () -> afterBarrier(then));
    }

    /** Runs {@code then} when the manifest shows all that is committed now, however long that takes. */
    void afterBarrier(Runnable then) {
        var unused = barrier.pass().whenComplete((index, failure) -> {
            if (failure == null && manifest.isSettled()) {
                then.run();
            } else {
                // What the manifest shows without a barrier proves nothing.
                scheduler.schedule(BARRIER_AGAIN, () -> afterBarrier(then));
            }
        });
    }

    /** The registered entry, if it is this version and the filter keeps it from here, so that it is never published; else null. */
    private @Nullable FileEntry unwanted(FileVersion version) {
        FileEntry registered = manifest.get(version.path());
        if (registered == null || !registered.version().equals(version)) {
            return null;
        }
        return puller.wants(registered) ? null : registered;
    }
}
