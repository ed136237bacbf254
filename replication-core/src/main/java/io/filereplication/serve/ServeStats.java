package io.filereplication.serve;

import io.filereplication.NodeId;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RefusalCode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a group's server did since it began, and what it does now. Each number was read by itself, so two of them may be a
 * moment apart.
 *
 * @param paused whether it answers every request with {@code busy}
 * @param transfers answers being sent now
 * @param requests proven requests
 * @param files whole or partial files sent
 * @param bytes file bytes sent
 * @param waits wait messages sent
 * @param stalledReaders answers given up because the peer did not take them
 * @param hellos hellos answered with a session, or with that there is none
 * @param unanswered hellos, requests and messages without proof that got nothing: too many were being greeted or refused
 * @param unserved messages for groups that this node does not serve, or not yet: counted for the node, so the same in each
 *     group
 * @param authFailures messages that prove nothing, by kind; they got the uniform refusal, or nothing
 * @param refusals refusals of files and of whole requests by reason
 * @param peers each member that has proven itself
 * @param provenSessions sessions of members that have proven the secret; that of a member that was removed until its next
 *     request
 * @param unprovenSessions sessions that wait for the first request of a member
 */
public record ServeStats(
        boolean paused,
        int transfers,
        long requests,
        long files,
        long bytes,
        long waits,
        long stalledReaders,
        long hellos,
        long unanswered,
        long unserved,
        Map<ProofFailure, Long> authFailures,
        Map<RefusalCode, Long> refusals,
        Map<NodeId, PeerServeStats> peers,
        int provenSessions,
        int unprovenSessions) {
    public ServeStats {
        authFailures = Map.copyOf(authFailures);
        refusals = Map.copyOf(refusals);
        peers = Map.copyOf(peers);
    }

    /** Messages that prove nothing, of every kind. */
    public long authFailure() {
        return sum(authFailures);
    }

    /** Refusals for every reason. */
    public long refused() {
        return sum(refusals);
    }

    /**
     * Every number but those of single peers under its documented name, in the documented order; unmodifiable. Kinds and
     * reasons that never occurred are there with 0.
     */
    public Map<String, Long> toMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        map.put("paused", paused ? 1L : 0L);
        map.put("transfers", (long) transfers);
        map.put("sessions_proven", (long) provenSessions);
        map.put("sessions_unproven", (long) unprovenSessions);
        map.put("requests", requests);
        map.put("files", files);
        map.put("bytes", bytes);
        map.put("waits", waits);
        map.put("stalled_readers", stalledReaders);
        map.put("hellos", hellos);
        map.put("unanswered", unanswered);
        map.put("unserved", unserved);
        map.put("refused", refused());
        for (RefusalCode code : RefusalCode.values()) {
            map.put("refused_" + name(code), refusals.getOrDefault(code, 0L));
        }
        map.put("auth_failure", authFailure());
        for (ProofFailure failure : ProofFailure.ofServers()) {
            map.put("auth_failure_" + name(failure), authFailures.getOrDefault(failure, 0L));
        }
        return Collections.unmodifiableMap(map);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
