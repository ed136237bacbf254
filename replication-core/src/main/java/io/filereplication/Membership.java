package io.filereplication;

import java.util.Set;

/**
 * The members of the group: voters and listeners of the current configuration, and of the previous one while it is
 * changing; this node included when it is one. Thread-safe, no I/O.
 */
@FunctionalInterface
public interface Membership {
    /** The members now; empty while the configuration is not known. */
    Set<NodeId> members();
}
