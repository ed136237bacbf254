package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.wire.RefusalCode;
import java.util.Map;

/**
 * What a server did since it began, and what it does now.
 *
 * @param transfers answers being sent now
 * @param requests proven requests
 * @param files whole or partial files sent
 * @param bytes file bytes sent
 * @param waits wait messages sent
 * @param stalledReaders answers given up because the peer did not take them
 * @param hellos hellos answered with a session
 * @param unproven messages that got the uniform refusal, or none because too many were being written
 * @param refusals refusals of files and of whole requests by reason
 * @param bytesByPeer file bytes sent to each peer
 * @param provenSessions sessions of peers that have proven the secret
 * @param unprovenSessions sessions that wait for their first request
 */
public record ServeStats(
        int transfers,
        long requests,
        long files,
        long bytes,
        long waits,
        long stalledReaders,
        long hellos,
        long unproven,
        Map<RefusalCode, Long> refusals,
        Map<NodeId, Long> bytesByPeer,
        int provenSessions,
        int unprovenSessions) {
    public ServeStats {
        refusals = Map.copyOf(refusals);
        bytesByPeer = Map.copyOf(bytesByPeer);
    }
}
