package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.ManifestView;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.time.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every part of one puller shares. */
record PullerCore(
        PullerConfig config,
        ManifestView manifest,
        LocalFiles files,
        Scheduler scheduler,
        ActiveThreads active,
        PullBoard board,
        Readiness readiness,
        Counters counters,
        PeerCounters peerCounters,
        StepTimes times,
        Backoff backoff,
        NodeLog log) {
    private static final Logger LOG = LoggerFactory.getLogger(PullerCore.class);

    /** What was put here is always wanted: its staged bytes may be the only ones, and publishing settles the put. */
    boolean wants(FileEntry entry) {
        if (entry.originNodeId().equals(config.selfNodeId())) {
            return true;
        }
        try {
            return config.filter().wants(entry.path(), entry.attributes());
        } catch (RuntimeException e) {
            log.error(LOG, "the filter failed for {}, which is wanted therefore", entry.version(), e);
            return true;
        }
    }
}
