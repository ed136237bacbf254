package io.filereplication.manifest;

import io.filereplication.log.NodeLog;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots on a thread of its own, one at a time, so that apply goes on meanwhile.
 *
 * <p>Called by the thread that applies, except {@link #abandon} and {@link #close}.
 */
final class BackgroundSnapshot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundSnapshot.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final SnapshotFiles files;
    private final Supplier<NodeLog> log;
    private final LongConsumer written;
    private final ExecutorService writer;
    private final AtomicLong unreported = new AtomicLong(-1);
    private final AtomicLong newest = new AtomicLong(-1);
    private final AtomicLong failures = new AtomicLong();
    private volatile long found = -1;
    private volatile @Nullable Future<?> running;
    private volatile @Nullable Writing current;

    /** {@code written} hears of each durable snapshot, on the writer's thread. */
    BackgroundSnapshot(String name, Supplier<NodeLog> log, LongConsumer written) {
        this.log = log;
        this.files = new SnapshotFiles(this::later, log);
        this.written = written;
        this.writer = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The files that are written here; their old ones are deleted on the writer's thread too. */
    SnapshotFiles files() {
        return files;
    }

    private void later(Runnable task) {
        try {
            writer.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closing: the next process does it", e);
        }
    }

    /**
     * The index of a snapshot that became durable and was not answered yet, or -1. When none is being written and the
     * manifest is ahead of the newest, a new one is begun. Waits for nothing.
     */
    long takeOrBegin(Manifest manifest, long term) {
        Future<?> before = running;
        if (before == null || before.isDone()) {
            long done = report();
            if (done >= 0) {
                return done;
            }
            if (manifest.appliedIndex() <= newest.get()) {
                return newest.get();
            }
            Writing last = current;
            if (last != null) {
                // Given up, but its thread has not noticed yet: it refuses to write another block.
                last.snapshot.close();
            }
            Writing next = new Writing(manifest.beginSnapshot(), term);
            current = next;
            running = writer.submit(next);
        }
        return report();
    }

    private long report() {
        long done = unreported.getAndSet(-1);
        return done > found ? done : -1;
    }

    /**
     * A snapshot at {@code index} is in place without having been written here. An older one that is being finished in this
     * moment is never answered: to Ratis it would be a step back, which ends the group on this server.
     */
    void found(long index) {
        found = index;
        unreported.set(-1);
        newest.set(index);
    }

    /** One snapshot on its way to the disk; nothing refers to it, or to the manifest that it holds, once it is over. */
    private final class Writing implements Runnable {
        private final ManifestSnapshot snapshot;
        private final long term;
        private final AtomicBoolean taken = new AtomicBoolean();

        Writing(ManifestSnapshot snapshot, long term) {
            this.snapshot = snapshot;
            this.term = term;
        }

        @Override
        public void run() {
            if (taken.compareAndSet(false, true)) {
                write(snapshot, term);
                forget();
            }
        }

        void giveUp() {
            if (taken.compareAndSet(false, true)) {
                snapshot.close();
                forget();
            }
        }

        private void forget() {
            if (current == this) {
                current = null;
            }
        }
    }

    private void write(ManifestSnapshot snapshot, long term) {
        long began = System.nanoTime();
        try (snapshot) {
            files.write(snapshot, term);
            newest.accumulateAndGet(snapshot.index(), Math::max);
            unreported.set(snapshot.index());
            log.get()
                    .info(
                            LOG,
                            "the snapshot at log index {} was written in {} ms",
                            snapshot.index(),
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            written.accept(snapshot.index());
        } catch (InterruptedIOException | ClosedByInterruptException e) {
            log.get().info(LOG, "the snapshot at log index {} was given up", snapshot.index());
        } catch (IOException | RuntimeException e) {
            failures.incrementAndGet();
            log.get()
                    .error(
                            LOG,
                            "the snapshot at log index {} failed; the log keeps what it would have held",
                            snapshot.index(),
                            e);
        }
    }

    /** The index of a durable snapshot that {@link #takeOrBegin} has not answered yet, or -1. */
    long unreportedIndex() {
        long done = unreported.get();
        return done > found ? done : -1;
    }

    long newestIndex() {
        return newest.get();
    }

    long failures() {
        return failures.get();
    }

    /** Gives up what is being written, without waiting for it. */
    void abandon() {
        Future<?> now = running;
        Writing begun = current;
        if (now != null) {
            now.cancel(true);
        }
        if (begun != null) {
            begun.giveUp();
        }
    }

    /** Lets what is being written end within 10 s, then gives it up. Idempotent. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
