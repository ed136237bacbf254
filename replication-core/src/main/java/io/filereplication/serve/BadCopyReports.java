package io.filereplication.serve;

import io.filereplication.FileVersion;
import io.filereplication.time.Ticker;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Lets through one report of bad bytes per version and minute: verifying once answers every peer. Thread-safe. */
final class BadCopyReports {
    private static final int MAX_REMEMBERED = 1_024;
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Ticker ticker;
    private final Map<FileVersion, Long> accepted = new LinkedHashMap<>();

    BadCopyReports(Ticker ticker) {
        this.ticker = ticker;
    }

    synchronized boolean accept(FileVersion version) {
        long now = ticker.nanoTime();
        accepted.values().removeIf(at -> now - at >= QUIET_NANOS);
        return accepted.size() < MAX_REMEMBERED && accepted.putIfAbsent(version, now) == null;
    }
}
