package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.ManifestView;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
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
        WorkerDesk desk,
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

    /**
     * Whether nothing will ever replace the copy that {@code record} is of, because what is {@code registered} at its path by
     * now is another node's and not wanted here: then it would show what is no longer registered for ever.
     */
    boolean isLeftBehind(LocalRecord record, FileEntry registered) {
        return registered.contentLsn().isAfter(record.version().contentLsn())
                && !registered.sha256().equals(record.sha256())
                && !wants(registered);
    }
}
