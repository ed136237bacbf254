package io.filereplication.http;

import io.filereplication.manifest.StoppedBefore;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.pull.PullerStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.util.LifeCycle;

/** What keeps a node from being up, or ready, in sentences without a full stop; none when nothing does. */
final class NodeProbe {
    private final FileReplicationNode node;

    NodeProbe(FileReplicationNode node) {
        this.node = node;
    }

    /** Why the node does not do its work at all. */
    List<String> unhealthy() {
        List<String> reasons = new ArrayList<>();
        LifeCycle.State state = node.server().getLifeCycleState();
        if (state != LifeCycle.State.RUNNING) {
            reasons.add("the Raft server is " + state);
        } else if (!isServed()) {
            reasons.add("the Raft server runs without the group");
        }
        StoppedBefore stopped = node.stateMachine().stopped();
        if (stopped != null) {
            reasons.add("the log is applied up to entry " + (stopped.index() - 1) + " only: " + stopped.sentence());
        }
        return reasons;
    }

    private boolean isServed() {
        try {
            return node.server()
                    .getDivision(RaftGroupId.valueOf(node.manifest().group().value()))
                    .getInfo()
                    .isAlive();
        } catch (IOException e) {
            return false;
        }
    }

    /** Why files may be missing here. */
    List<String> notReady() {
        List<String> reasons = new ArrayList<>(unhealthy());
        if (node.fullyCaughtUp()) {
            return reasons;
        }
        PullerStats stats = node.stats();
        if (stats.missing() > 0) {
            reasons.add(stats.missing() + " files of " + stats.missingBytes() + " bytes are missing, the oldest for "
                    + TimeUnit.MILLISECONDS.toSeconds(stats.oldestMissingAgeMillis()) + " s; "
                    + stats.inFlight() + " are being pulled, " + stats.unavailable() + " are on no member");
        }
        if (stats.paused()) {
            reasons.add("pulling was paused");
        }
        if (stats.storageFull()) {
            reasons.add("the storage is full");
        }
        if (stats.catchUp().deferred() > 0) {
            reasons.add(stats.catchUp().deferred() + " files wait for the next walk over the manifest");
        }
        if (!node.catchUpCompleted()) {
            reasons.add("the first walk over the manifest has not finished, "
                    + stats.catchUp().entriesWalked() + " of "
                    + node.statistics().count() + " entries so far");
        } else if (reasons.isEmpty()) {
            reasons.add(
                    "the manifest has not been proven current yet: no leader is known, or the walk after that runs");
        }
        return reasons;
    }
}
