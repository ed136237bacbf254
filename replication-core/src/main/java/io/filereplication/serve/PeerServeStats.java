package io.filereplication.serve;

import io.filereplication.wire.RefusalCode;
import java.util.Map;

/**
 * What a server did for one peer since it began, and does now.
 *
 * @param transfers answers being sent now
 * @param sessions proven sessions
 * @param requests proven requests
 * @param files whole or partial files sent
 * @param bytes file bytes sent
 * @param refusals refusals of files and of whole requests by reason
 */
public record PeerServeStats(
        int transfers, int sessions, long requests, long files, long bytes, Map<RefusalCode, Long> refusals) {
    public PeerServeStats {
        refusals = Map.copyOf(refusals);
    }
}
