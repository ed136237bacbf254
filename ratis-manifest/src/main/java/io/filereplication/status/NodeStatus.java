package io.filereplication.status;

import io.filereplication.FileVersion;
import io.filereplication.NodeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node at one moment; each number was read by itself, so two of them may be a moment apart. An index is -1 when there is
 * none.
 *
 * @param id the node
 * @param role what it is in Raft
 * @param leader whom it takes for the leader, or null
 * @param term its Raft term
 * @param committedIndex log index that it knows to be committed
 * @param appliedIndex log index up to which its manifest is
 * @param files registered files
 * @param bytes the sum of their sizes
 * @param fullyCaughtUp see {@code Puller.fullyCaughtUp}
 * @param catchUpCompleted see {@code Puller.catchUpCompleted}
 * @param caughtUpIndex see {@code Puller.caughtUpIndex}
 * @param members the group as this node's configuration has it
 * @param problems what keeps this node from doing its work, a sentence each
 * @param failures pulls that fail, with the reason of the last attempt; the first {@value #MAX_FAILURES}
 * @param statistics every number of {@code PullerStats.toMap}
 */
public record NodeStatus(
        NodeId id,
        Role role,
        @Nullable NodeId leader,
        long term,
        long committedIndex,
        long appliedIndex,
        long files,
        long bytes,
        boolean fullyCaughtUp,
        boolean catchUpCompleted,
        long caughtUpIndex,
        List<Member> members,
        List<String> problems,
        List<Failure> failures,
        Map<String, Long> statistics) {
    /** Most failures that a status names. */
    public static final int MAX_FAILURES = 20;

    public NodeStatus {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(role, "role");
        members = List.copyOf(members);
        problems = List.copyOf(problems);
        failures = List.copyOf(failures);
        statistics = Collections.unmodifiableMap(new LinkedHashMap<>(statistics));
    }

    /** The statistic of that name, or 0 when the node does not know it. */
    public long statistic(String name) {
        return statistics.getOrDefault(name, 0L);
    }

    /** What a node is in Raft. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        LISTENER,
        /** It is starting or closing, or of a build that has more roles. */
        UNKNOWN
    }

    /**
     * A member of the group.
     *
     * @param address where Raft listens
     * @param dataStreamAddress where files are served
     * @param isListener whether it has no vote
     */
    public record Member(NodeId id, String address, String dataStreamAddress, boolean isListener) {}

    /** A missing version that was tried in vain so many times, and why the last try ended. */
    public record Failure(FileVersion version, int attempts, String reason) {}
}
