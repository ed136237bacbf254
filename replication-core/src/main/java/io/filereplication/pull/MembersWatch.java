package io.filereplication.pull;

import io.filereplication.Membership;
import io.filereplication.NodeId;
import io.filereplication.time.Scheduler;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the members have become others while pulls wait for peers to ask, whether or not somebody says so: a node that
 * joins by a snapshot knows nobody at first, and the configuration that names its peers may take effect before, or without,
 * any news of it. One lane; looks only while something waits.
 */
final class MembersWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MembersWatch.class);

    private final Membership membership;
    private final PullerCore core;
    private final SerialTask lane;
    private boolean told;
    private boolean closed;
    private Scheduler.@Nullable Cancellable timer;

    // Of the lane.
    private Set<NodeId> seen = Set.of();

    MembersWatch(PullerCore core, Membership membership) {
        this.core = core;
        this.membership = membership;
        this.lane = new SerialTask(core.scheduler(), core.active(), this::look);
    }

    /** Somebody says that members or their addresses have changed. Never blocks. */
    void changed() {
        synchronized (this) {
            told = true;
        }
        lane.request();
    }

    /** A pull found nobody to ask. Never blocks. */
    synchronized void foundNobody() {
        if (timer == null && !closed) {
            timer = core.scheduler().schedule(core.config().initialBackoff(), lane::request);
        }
    }

    /** The members now; nobody while they cannot be told. */
    Set<NodeId> members() {
        try {
            return membership.members();
        } catch (RuntimeException e) {
            core.log().error(LOG, "the members could not be told", e);
            return Set.of();
        }
    }

    private void look() {
        boolean wakes;
        synchronized (this) {
            wakes = told;
            told = false;
            if (timer != null) {
                timer.cancel();
                timer = null;
            }
        }
        Set<NodeId> now = members();
        if (wakes || !now.equals(seen)) {
            seen = Set.copyOf(now);
            core.peerCounters().keepOnly(now);
            core.board().wakeWaiting();
        } else if (core.board().hasWaiting()) {
            foundNobody();
        }
    }

    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
