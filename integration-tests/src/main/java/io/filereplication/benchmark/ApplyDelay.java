package io.filereplication.benchmark;

import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.ManifestSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * How late log entries are applied while a snapshot is being written.
 *
 * <p>The arrivals are open-loop: each has its time, whether or not the one before it is done, and its delay counts from that
 * time. So a stall counts for everything that arrives while it lasts. What arrives while a snapshot is begun and written is
 * measured; the same manifest goes on between snapshots.
 */
final class ApplyDelay {
    private static final int PER_SECOND = 5_000;
    private static final long SPACING_NANOS = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
    /** Arrivals before the first and between snapshots. */
    private static final int QUIET_ARRIVALS = PER_SECOND;
    /** A snapshot that takes longer ends the measurement. */
    private static final int MAX_ARRIVALS_OF_SNAPSHOT = 60 * PER_SECOND;
    /** Below this a thread that sleeps wakes up too late. */
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

    private final Manifest manifest;
    private final Path directory;
    private long next;

    /**
     * Delays around snapshots of {@code manifest}, which has the registrations up to {@code count}.
     *
     * @param directory where snapshots are written
     */
    ApplyDelay(Manifest manifest, long count, Path directory) {
        this.manifest = manifest;
        this.directory = directory;
        this.next = count;
    }

    /** Delays of what arrived while one snapshot was written, and how long that took, in milliseconds. */
    record Delays(double p99, double max, double written) {}

    Delays aroundOneSnapshot() throws IOException {
        ByteString[] entries = new ByteString[QUIET_ARRIVALS + 2 * PER_SECOND];
        long first = next;
        for (int i = 0; i < entries.length; i++) {
            entries[i] = ManifestEntries.entry(first + i);
        }
        long[] delays = new long[MAX_ARRIVALS_OF_SNAPSHOT];
        long begin = System.nanoTime() + SPACING_NANOS;
        CompletableFuture<Long> written = null;
        int counted = 0;
        for (int i = 0; written == null || !written.isDone(); i++) {
            if (counted == delays.length) {
                throw new IllegalStateException("A snapshot took longer than " + counted / PER_SECOND + " s");
            }
            // Later arrivals are encoded here, in the time between two, as a leader would receive them.
            ByteString entry = i < entries.length ? entries[i] : ManifestEntries.entry(first + i);
            long due = begin + i * SPACING_NANOS;
            await(due);
            if (i == QUIET_ARRIVALS) {
                ManifestSnapshot snapshot = manifest.beginSnapshot();
                written = CompletableFuture.supplyAsync(
                        () -> write(snapshot), task -> new Thread(task, "snapshot").start());
            }
            manifest.apply(manifest.appliedIndex() + 1, entry);
            if (i >= QUIET_ARRIVALS) {
                delays[counted++] = System.nanoTime() - due;
            }
            next++;
        }
        long[] measured = Arrays.copyOf(delays, counted);
        return new Delays(
                Result.quantile(measured, 0.99) / 1e6, Result.quantile(measured, 1) / 1e6, written.join() / 1e6);
    }

    private static void await(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            if (left > SPIN_NANOS) {
                LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private long write(ManifestSnapshot snapshot) {
        long began = System.nanoTime();
        Path file = directory.resolve("snapshot");
        try (snapshot;
                FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            snapshot.writeTo(out);
            channel.force(true);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        return System.nanoTime() - began;
    }
}
