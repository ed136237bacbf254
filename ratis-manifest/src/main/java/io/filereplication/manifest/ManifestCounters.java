package io.filereplication.manifest;

import java.util.concurrent.atomic.AtomicLong;

/** What one manifest has seen since this process began. Written by the apply thread, read by anybody. */
final class ManifestCounters {
    final AtomicLong entriesApplied = new AtomicLong();
    final AtomicLong firstApplied = new AtomicLong(-1);
    final AtomicLong firstAppliedAfterLoad = new AtomicLong(-1);
    final AtomicLong loadedIndex = new AtomicLong(-1);
    final AtomicLong replacements = new AtomicLong();
    final AtomicLong operationsApplied = new AtomicLong();
    final AtomicLong batchesRefused = new AtomicLong();
    final AtomicLong batchesRepeated = new AtomicLong();
    final AtomicLong batchesExpired = new AtomicLong();
    final AtomicLong unreadableEntries = new AtomicLong();
    final AtomicLong listenerFailures = new AtomicLong();

    void entryApplied(long index) {
        entriesApplied.incrementAndGet();
        firstApplied.compareAndSet(-1, index);
        firstAppliedAfterLoad.compareAndSet(-1, index);
    }

    void loaded(long index, boolean replaced) {
        loadedIndex.set(index);
        firstAppliedAfterLoad.set(-1);
        if (replaced) {
            replacements.incrementAndGet();
        }
    }
}
