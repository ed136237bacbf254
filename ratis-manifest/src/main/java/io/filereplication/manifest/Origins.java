package io.filereplication.manifest;

import io.filereplication.NodeId;
import java.util.HashMap;
import java.util.Map;

/**
 * One object per origin, however many entries name it. Bounded: what comes after {@value #MAX_SHARED} different origins is
 * not shared. Not thread-safe.
 */
final class Origins {
    private static final int MAX_SHARED = 10_000;

    private final Map<String, NodeId> known = new HashMap<>();

    /** The node id named {@code value}; throws {@link IllegalArgumentException} when it breaks a rule. */
    NodeId intern(String value) {
        NodeId found = known.get(value);
        if (found != null) {
            return found;
        }
        NodeId fresh = NodeId.of(value);
        if (known.size() < MAX_SHARED) {
            known.put(fresh.value(), fresh);
        }
        return fresh;
    }
}
