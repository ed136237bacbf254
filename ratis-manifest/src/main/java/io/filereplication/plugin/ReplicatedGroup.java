package io.filereplication.plugin;

import io.filereplication.client.FileReplication;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerStats;
import io.filereplication.serve.FileServer;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * One group on this node, for whoever operates it: its parts, and what can be done to it while it runs. Stays usable until
 * the group is removed or the plugin is closed; bandwidth is limited for all groups together, at the plugin.
 *
 * <p>Thread-safe. Nothing blocks but {@link #drain}.
 */
public final class ReplicatedGroup {
    private static final Duration POLL = Duration.ofMillis(20);

    private final RaftGroupId id;
    private final GroupReplication parts;
    private final Scheduler time;

    ReplicatedGroup(RaftGroupId id, GroupReplication parts, Scheduler time) {
        this.id = id;
        this.parts = parts;
        this.time = time;
    }

    public RaftGroupId id() {
        return id;
    }

    /** The group's files as seen from here. */
    public FileReplication files() {
        return parts.files();
    }

    /** This node's manifest; {@link Manifest#addListener} hears what it becomes. */
    public Manifest manifest() {
        return stateMachine().manifest();
    }

    public ManifestStateMachine stateMachine() {
        return parts.stateMachine();
    }

    /** What brings files here: {@code runCatchUp}, failures, what is unavailable. */
    public Puller puller() {
        return parts.puller();
    }

    /** What answers this node's peers. */
    public FileServer fileServer() {
        return parts.fileServer();
    }

    /** The group's metrics, which are also in Ratis's registries. */
    public GroupMetrics metrics() {
        return parts.metrics();
    }

    /** What the puller did and has to do. */
    public PullerStats stats() {
        return puller().stats();
    }

    /** Begins no more pulls, until {@link #resumePulling()} or the next start; deletes go on. See {@link Puller#pause()}. */
    public void pausePulling() {
        puller().pause();
    }

    public void resumePulling() {
        puller().resume();
    }

    /** Answers peers that this node is busy, until {@link #resumeServing()} or the next start. */
    public void pauseServing() {
        fileServer().pause();
    }

    public void resumeServing() {
        fileServer().resume();
    }

    /**
     * For a planned stop, after which nothing has to be done twice: pauses serving, waits for the puts and registrations of
     * this node, pauses pulling, and waits for the pulls and answers under way, no longer than {@code timeout} in all. Both
     * stay paused. Whoever puts files stops doing so before.
     *
     * @return whether nothing is under way any more; else whatever is will be resumed or repeated after the next start
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        long end = time.nanoTime() + timeout.toNanos();
        pauseServing();
        boolean quiet = await(() -> files().underWay() == 0, end);
        quiet &= puller().drain(Duration.ofNanos(Math.max(0, end - time.nanoTime())));
        return await(() -> fileServer().stats().transfers() == 0, end) && quiet;
    }

    private boolean await(BooleanSupplier reached, long end) throws InterruptedException {
        while (!reached.getAsBoolean()) {
            if (time.nanoTime() - end >= 0) {
                return false;
            }
            time.sleep(POLL);
        }
        return true;
    }

    @Override
    public String toString() {
        return parts.toString();
    }
}
