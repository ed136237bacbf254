package io.filereplication.pull;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What was pulled from one peer since this process began, or since the peer became a member again.
 *
 * @param files files that it sent whole
 * @param bytes verified bytes that it sent, those of files under way included
 * @param failures how often it did not send what it was asked for, by kind; every kind is there. Unmodifiable
 */
public record PeerPullStats(long files, long bytes, Map<PeerFailure, Long> failures) {
    public PeerPullStats {
        Map<PeerFailure, Long> all = new EnumMap<>(PeerFailure.class);
        for (PeerFailure kind : PeerFailure.values()) {
            all.put(kind, failures.getOrDefault(kind, 0L));
        }
        failures = Collections.unmodifiableMap(all);
    }
}
