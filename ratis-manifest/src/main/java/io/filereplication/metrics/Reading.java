package io.filereplication.metrics;

import io.filereplication.manifest.ManifestStatistics;
import io.filereplication.pull.PullerStats;
import io.filereplication.serve.ServeStats;
import io.filereplication.wire.ProofFailure;
import java.util.Map;

/**
 * The statistics of all parts of a group at one moment.
 *
 * @param pulling how long the steps of pulls take
 * @param rejections messages that came as a peer's and that it did not make for their place, by kind
 * @param networkUnprotected whether this node listens beyond loopback without mutual TLS
 */
public record Reading(
        PullerStats pull,
        PullLatencies.Counts pulling,
        Map<ProofFailure, Long> rejections,
        Readiness readiness,
        ManifestStatistics manifest,
        Snapshots snapshots,
        ServeStats serve,
        ClientNumbers client,
        boolean networkUnprotected) {

    /**
     * What the puller says of the whole.
     *
     * @param problem whether nothing is removed because records and manifest do not belong together
     */
    public record Readiness(boolean fullyCaughtUp, boolean catchUpCompleted, long caughtUpIndex, boolean problem) {}

    /**
     * Of the manifest.
     *
     * @param newestIndex index of the newest on disk, or -1
     * @param installedIndex index of the last one that the leader sent, or -1
     * @param failures how many could not be written
     */
    public record Snapshots(long newestIndex, long installedIndex, long failures) {}
}
