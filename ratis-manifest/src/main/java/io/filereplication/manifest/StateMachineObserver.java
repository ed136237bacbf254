package io.filereplication.manifest;

import io.filereplication.NodeId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hears what Ratis tells a {@link ManifestStateMachine} beside the entries of the manifest. Every method is called on a
 * thread of Ratis, some under its locks: an implementation takes a note and returns at once. An exception is logged and
 * goes no further.
 */
public interface StateMachineObserver {
    /** Hears nothing. */
    StateMachineObserver NONE = new StateMachineObserver() {};

    /** The state machine has loaded what is on disk; the log behind it is about to be applied. */
    default void initialized(long appliedIndex) {}

    /** The manifest is at {@code index}, whether or not that entry was the manifest's. Called for each log entry. */
    default void applied(long index) {}

    /**
     * The group has these members: voters and listeners of the current configuration, and of the previous one while it is
     * changing. Under the server's lock.
     */
    default void configurationChanged(long index, Set<NodeId> members) {}

    /** {@code leader} is the leader, or null when there is none. Under the server's lock. */
    default void leaderChanged(@Nullable NodeId leader) {}

    /** A snapshot from the leader is in place; {@link io.filereplication.ManifestListener#replaced} was told before. */
    default void snapshotInstalled(long index) {}

    /** A snapshot of this node is durable. On the snapshot writer's thread. */
    default void snapshotWritten(long index) {}

    /** Nothing is applied any more. A leader that hears this should hand over its lead. */
    default void stopped(StoppedBefore reason) {}

    /** The group is being removed from this server. */
    default void groupRemoved() {}
}
