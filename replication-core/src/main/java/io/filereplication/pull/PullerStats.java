package io.filereplication.pull;

import io.filereplication.NodeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a puller has done and has to do, at one moment. The counts only grow; the gauges show now. Each number was read by
 * itself, so two of them may be a moment apart.
 *
 * @param enqueued pulls that were begun: live, by a walk, by a request
 * @param skippedSelf registrations of files that this node wrote and has
 * @param skippedLocal files that were here already
 * @param skippedDuplicate versions that were queued or being pulled already
 * @param skippedUnwanted files that the filter does not want
 * @param superseded pulls that ended because the manifest no longer held their version
 * @param pulled files published that other nodes wrote, or that came back from a peer
 * @param publishedLocal files published that this node put itself, from its own bytes
 * @param pulledBytes verified bytes received from peers, those of files under way included
 * @param failed pulls whose last attempt failed; they are tried again all the same
 * @param deferred pulls that found no room in memory and were left to a walk
 * @param checksumMismatch bytes of peers that did not match
 * @param peerLookupFailure attempts that found no candidate
 * @param fileNotOnPeer answers that the file is not there
 * @param unreachable exchanges that failed because the peer could not be reached or the connection broke
 * @param badOffsetServer pulls that a peer made begin again at zero
 * @param badOffsetStorage pulls that the own storage made begin again at zero
 * @param authFailure exchanges in which one side did not prove the secret
 * @param storageFailure failures of the own storage
 * @param resumed fetches that continued staged bytes
 * @param resumedBytes bytes that such fetches did not have to ask for again
 * @param queueDepth pulls that wait for a worker or for verification
 * @param inFlight pulls that a worker has
 * @param missing files known to be missing, whatever is being done about them
 * @param missingBytes the sizes of those files
 * @param oldestMissingAgeMillis for how long the oldest of them is known to be missing, what was left to a walk included; 0
 *     when nothing is
 * @param unavailable missing files that every member has answered <em>not found</em> for
 * @param paused whether pulling was paused by {@link Puller#pause()} or {@link Puller#drain}
 * @param storageFull whether pulling pauses because the storage is full
 * @param peers what came from each member, by its name; who is no member any more is left out. Unmodifiable
 * @param catchUp the walks
 */
public record PullerStats(
        long enqueued,
        long skippedSelf,
        long skippedLocal,
        long skippedDuplicate,
        long skippedUnwanted,
        long superseded,
        long pulled,
        long publishedLocal,
        long pulledBytes,
        long failed,
        long deferred,
        long checksumMismatch,
        long peerLookupFailure,
        long fileNotOnPeer,
        long unreachable,
        long badOffsetServer,
        long badOffsetStorage,
        long authFailure,
        long storageFailure,
        long resumed,
        long resumedBytes,
        long queueDepth,
        long inFlight,
        long missing,
        long missingBytes,
        long oldestMissingAgeMillis,
        long unavailable,
        boolean paused,
        boolean storageFull,
        Map<NodeId, PeerPullStats> peers,
        CatchUp catchUp) {
    public PullerStats {
        peers = Collections.unmodifiableMap(new TreeMap<>(peers));
    }

    /**
     * The last walk, running or finished.
     *
     * @param startedAtMillis when it began, milliseconds since the epoch; 0 when none did
     * @param completedAtMillis when the last one finished; 0 when none did
     * @param walks how many have finished
     * @param entriesWalked entries it has looked at
     * @param enqueued what it found missing
     * @param skipped what it found here, unwanted, or on its way already
     * @param inFlight what readiness waits for and is on its way
     * @param failed what readiness waits for and has failed
     * @param deferred what readiness waits for and only a later walk will find
     */
    public record CatchUp(
            long startedAtMillis,
            long completedAtMillis,
            long walks,
            long entriesWalked,
            long enqueued,
            long skipped,
            long inFlight,
            long failed,
            long deferred) {}

    static PullerStats of(
            Map<Count, Long> counts, PullGauges gauges, CatchUp catchUp, Map<NodeId, PeerPullStats> peers) {
        return new PullerStats(
                counts.getOrDefault(Count.ENQUEUED, 0L),
                counts.getOrDefault(Count.SKIPPED_SELF, 0L),
                counts.getOrDefault(Count.SKIPPED_LOCAL, 0L),
                counts.getOrDefault(Count.SKIPPED_DUPLICATE, 0L),
                counts.getOrDefault(Count.SKIPPED_UNWANTED, 0L),
                counts.getOrDefault(Count.SUPERSEDED, 0L),
                counts.getOrDefault(Count.PULLED, 0L),
                counts.getOrDefault(Count.PUBLISHED_LOCAL, 0L),
                counts.getOrDefault(Count.PULLED_BYTES, 0L),
                counts.getOrDefault(Count.FAILED, 0L),
                counts.getOrDefault(Count.DEFERRED, 0L),
                counts.getOrDefault(Count.CHECKSUM_MISMATCH, 0L),
                counts.getOrDefault(Count.PEER_LOOKUP_FAILURE, 0L),
                counts.getOrDefault(Count.FILE_NOT_ON_PEER, 0L),
                counts.getOrDefault(Count.UNREACHABLE, 0L),
                counts.getOrDefault(Count.BAD_OFFSET_SERVER, 0L),
                counts.getOrDefault(Count.BAD_OFFSET_STORAGE, 0L),
                counts.getOrDefault(Count.AUTH_FAILURE, 0L),
                counts.getOrDefault(Count.STORAGE_FAILURE, 0L),
                counts.getOrDefault(Count.RESUMED, 0L),
                counts.getOrDefault(Count.RESUMED_BYTES, 0L),
                gauges.queueDepth(),
                gauges.inFlight(),
                gauges.missing(),
                gauges.missingBytes(),
                gauges.oldestMissing().toMillis(),
                gauges.unavailable(),
                gauges.paused(),
                gauges.full(),
                peers,
                catchUp);
    }

    /** The names in {@link #toMap()}, in its order. */
    public static Set<String> names() {
        return of(Map.of(), PullGauges.NOTHING, new CatchUp(0, 0, 0, 0, 0, 0, 0, 0, 0), Map.of())
                .toMap()
                .keySet();
    }

    /** Every number of this node under its documented name, in the documented order, yes as 1; unmodifiable. */
    public Map<String, Long> toMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        map.put(Count.ENQUEUED.documentedName(), enqueued);
        map.put(Count.SKIPPED_SELF.documentedName(), skippedSelf);
        map.put(Count.SKIPPED_LOCAL.documentedName(), skippedLocal);
        map.put(Count.SKIPPED_DUPLICATE.documentedName(), skippedDuplicate);
        map.put(Count.SKIPPED_UNWANTED.documentedName(), skippedUnwanted);
        map.put(Count.SUPERSEDED.documentedName(), superseded);
        map.put(Count.PULLED.documentedName(), pulled);
        map.put(Count.PUBLISHED_LOCAL.documentedName(), publishedLocal);
        map.put(Count.PULLED_BYTES.documentedName(), pulledBytes);
        map.put(Count.FAILED.documentedName(), failed);
        map.put(Count.DEFERRED.documentedName(), deferred);
        map.put(Count.CHECKSUM_MISMATCH.documentedName(), checksumMismatch);
        map.put(Count.PEER_LOOKUP_FAILURE.documentedName(), peerLookupFailure);
        map.put(Count.FILE_NOT_ON_PEER.documentedName(), fileNotOnPeer);
        map.put(Count.UNREACHABLE.documentedName(), unreachable);
        map.put(Count.BAD_OFFSET_SERVER.documentedName(), badOffsetServer);
        map.put(Count.BAD_OFFSET_STORAGE.documentedName(), badOffsetStorage);
        map.put(Count.AUTH_FAILURE.documentedName(), authFailure);
        map.put(Count.STORAGE_FAILURE.documentedName(), storageFailure);
        map.put(Count.RESUMED.documentedName(), resumed);
        map.put(Count.RESUMED_BYTES.documentedName(), resumedBytes);
        map.put("queue_depth", queueDepth);
        map.put("in_flight", inFlight);
        map.put("missing", missing);
        map.put("missing_bytes", missingBytes);
        map.put("oldest_missing_age_ms", oldestMissingAgeMillis);
        map.put("unavailable", unavailable);
        map.put("paused", paused ? 1L : 0L);
        map.put("storage_full", storageFull ? 1L : 0L);
        map.put("catch_up_started_at", catchUp.startedAtMillis());
        map.put("catch_up_completed_at", catchUp.completedAtMillis());
        map.put("catch_up_walks", catchUp.walks());
        map.put("catch_up_entries_walked", catchUp.entriesWalked());
        map.put("catch_up_enqueued", catchUp.enqueued());
        map.put("catch_up_skipped", catchUp.skipped());
        map.put("catch_up_in_flight", catchUp.inFlight());
        map.put("catch_up_failed", catchUp.failed());
        map.put("catch_up_deferred", catchUp.deferred());
        return Collections.unmodifiableMap(map);
    }
}
