package io.filereplication.pull;

import io.filereplication.ManifestView;
import io.filereplication.storage.LocalFiles;
import io.filereplication.time.Scheduler;

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
        Backoff backoff) {}
