package io.filereplication.fetch;

import io.filereplication.wire.ForgedMessageException;
import io.filereplication.wire.MalformedMessageException;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.WireException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Messages that came as a peer's and that it did not make for their place: counted by kind, and whoever sends them is not
 * listened to any longer. Thread-safe.
 */
final class Rejections {
    private final Map<ProofFailure, LongAdder> counts = new EnumMap<>(ProofFailure.class);

    Rejections() {
        for (ProofFailure kind : ProofFailure.values()) {
            if (kind == ProofFailure.MALFORMED || !ProofFailure.ofServers().contains(kind)) {
                counts.put(kind, new LongAdder());
            }
        }
    }

    /** Counts the message of {@code answer} that {@code e} tells of, and ends its connection, unless an honest peer sends such. */
    void reject(PeerTransport.Answer answer, WireException e) {
        if (e instanceof ForgedMessageException || e instanceof MalformedMessageException) {
            LongAdder count = counts.get(e.proofFailure());
            if (count != null) {
                count.increment();
            }
            answer.reject();
        }
    }

    /** How many there were of each kind that can be among them. */
    Map<ProofFailure, Long> counts() {
        Map<ProofFailure, Long> sums = new EnumMap<>(ProofFailure.class);
        counts.forEach((kind, count) -> sums.put(kind, count.sum()));
        return Collections.unmodifiableMap(sums);
    }
}
