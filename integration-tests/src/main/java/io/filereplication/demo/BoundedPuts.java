package io.filereplication.demo;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts many files, at most {@value #IN_FLIGHT} at a time, so that their registrations meet in batches and neither memory nor
 * disk fills up. Used by one thread; after a put has failed no other begins.
 */
final class BoundedPuts {
    /** Puts that may be under way at once. */
    static final int IN_FLIGHT = 32;

    private final ReplicatedNode node;
    private final Semaphore permits = new Semaphore(IN_FLIGHT);
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    BoundedPuts(ReplicatedNode node) {
        this.node = node;
    }

    /** What becomes of the source once its bytes are stored. */
    enum Afterwards {
        KEEP,
        DELETE
    }

    /** Begins to put {@code source}; blocks while too many are under way. */
    void put(FilePath path, Path source, Attributes attributes, Afterwards afterwards)
            throws ExecutionException, InterruptedException {
        permits.acquire();
        if (failure.get() != null) {
            permits.release();
            throwFailure();
        }
        var unused = node.putAsync(path, source, attributes).handle((entry, failed) -> {
            ended(entry, failed, source, afterwards);
            return entry;
        });
    }

    private void ended(@Nullable FileEntry entry, @Nullable Throwable failed, Path source, Afterwards afterwards) {
        try {
            if (failed != null) {
                failure.compareAndSet(null, failed);
            } else if (entry != null) {
                files.incrementAndGet();
                bytes.addAndGet(entry.sizeBytes());
                if (afterwards == Afterwards.DELETE) {
                    Files.delete(source);
                }
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        } finally {
            permits.release();
        }
    }

    /** Waits until every put has ended; throws the first failure. */
    void awaitAll() throws ExecutionException, InterruptedException {
        permits.acquire(IN_FLIGHT);
        permits.release(IN_FLIGHT);
        throwFailure();
    }

    private void throwFailure() throws ExecutionException {
        Throwable first = failure.get();
        if (first != null) {
            throw new ExecutionException("A put failed: " + first.getMessage(), first);
        }
    }

    /** {@code files} and {@code bytes} that were put. */
    Fields toFields() {
        return Fields.NONE.with("files", files.get()).with("bytes", bytes.get());
    }
}
