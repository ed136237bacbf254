package io.filereplication.benchmark;

import io.filereplication.FileEntry;
import io.filereplication.pull.FileEvents;
import io.filereplication.storage.LocalRecord;
import java.util.concurrent.TimeUnit;

/** Counts what is published on a node. Thread-safe. */
final class PublishedFiles implements FileEvents {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(300);

    private int count;
    private long lastNanos;

    @Override
    public void onPublished(FileEntry entry) {
        one();
    }

    @Override
    public void onReplaced(LocalRecord before, FileEntry entry) {
        one();
    }

    private synchronized void one() {
        count++;
        lastNanos = System.nanoTime();
        notifyAll();
    }

    /** Waits for so many since the last call; answers when the last one was published. */
    synchronized long awaitNanos(int wanted) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (count < wanted) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("Only " + count + " of " + wanted + " files were published");
            }
            wait(left);
        }
        count -= wanted;
        return lastNanos;
    }

    /** Forgets what was published so far. */
    synchronized void forget() {
        count = 0;
    }
}
