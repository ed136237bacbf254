package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Who waits for a file to be here. At most {@value #MOST} at once; a future that was cancelled is forgotten. Thread-safe. */
final class LocalWaiters {
    /** Most futures that wait. */
    static final int MOST = 16_384;

    private record Waiter(Lsn atLeast, CompletableFuture<FileEntry> future) {}

    private final Executor executor;
    private final Map<FilePath, List<Waiter>> waiting = new LinkedHashMap<>();
    private int size;
    private boolean closed;

    /**
     * Futures are completed on {@code executor}, which refuses nothing, so that nobody's continuation runs on the thread
     * that brings the news.
     */
    LocalWaiters(Executor executor) {
        this.executor = executor;
    }

    /** Completes when {@code path} is here in a version not before {@code atLeast}. */
    CompletableFuture<FileEntry> await(FilePath path, Lsn atLeast) {
        CompletableFuture<FileEntry> future = new CompletableFuture<>();
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new CancellationException("The puller is closed"));
            }
            if (size >= MOST) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(MOST + " callers wait for files already"));
            }
            waiting.computeIfAbsent(path, p -> new ArrayList<>(1)).add(new Waiter(atLeast, future));
            size++;
        }
        CompletableFuture<FileEntry> unused = future.whenComplete((entry, error) -> forget(path, future));
        return future;
    }

    /** {@code entry}'s version is here. */
    void arrived(FileEntry entry) {
        List<Waiter> served = new ArrayList<>();
        synchronized (this) {
            List<Waiter> waiters = waiting.get(entry.path());
            if (waiters == null) {
                return;
            }
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                if (!waiter.atLeast().isAfter(entry.contentLsn())) {
                    each.remove();
                    size--;
                    served.add(waiter);
                }
            }
            if (waiters.isEmpty()) {
                waiting.remove(entry.path());
            }
        }
        served.forEach(waiter -> waiter.future().completeAsync(() -> entry, executor));
    }

    private synchronized void forget(FilePath path, CompletableFuture<FileEntry> future) {
        List<Waiter> waiters = waiting.get(path);
        if (waiters != null && waiters.removeIf(waiter -> waiter.future() == future)) {
            size--;
            if (waiters.isEmpty()) {
                waiting.remove(path);
            }
        }
    }

    /** Cancels everything that waits. */
    void close() {
        List<Waiter> rest = new ArrayList<>();
        synchronized (this) {
            closed = true;
            waiting.values().forEach(rest::addAll);
            waiting.clear();
            size = 0;
        }
        rest.forEach(waiter -> waiter.future().cancel(false));
    }

    synchronized int size() {
        return size;
    }
}
