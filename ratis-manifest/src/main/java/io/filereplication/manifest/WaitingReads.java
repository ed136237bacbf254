package io.filereplication.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Reads that wait until the manifest has come to an index. Bounded; a read that finds no room fails at once.
 *
 * <p>Thread-safe. Nothing is completed under the lock.
 */
final class WaitingReads {
    private static final int MAX_WAITING = 10_000;

    private final NavigableMap<Long, List<CompletableFuture<Void>>> byIndex = new TreeMap<>();
    private int waiting;
    private boolean closed;

    /** Completes when {@link #reached} was called with {@code index} or more. */
    CompletableFuture<Void> at(long index) {
        synchronized (byIndex) {
            if (closed || waiting >= MAX_WAITING) {
                return CompletableFuture.failedFuture(new IllegalStateException(
                        closed ? "The manifest is closed" : waiting + " reads are already waiting for a later index"));
            }
            waiting++;
            CompletableFuture<Void> future = new CompletableFuture<>();
            byIndex.computeIfAbsent(index, unused -> new ArrayList<>(1)).add(future);
            return future;
        }
    }

    /** Lets go what waits for {@code index} or less. */
    void reached(long index) {
        take(index).forEach(read -> read.complete(null));
    }

    /** Fails whatever waits, now and later. */
    void close() {
        synchronized (byIndex) {
            closed = true;
        }
        take(Long.MAX_VALUE)
                .forEach(read -> read.completeExceptionally(new IllegalStateException("The manifest is closed")));
    }

    private List<CompletableFuture<Void>> take(long index) {
        synchronized (byIndex) {
            if (byIndex.isEmpty() || byIndex.firstKey() > index) {
                return List.of();
            }
            List<CompletableFuture<Void>> ready = new ArrayList<>();
            NavigableMap<Long, List<CompletableFuture<Void>>> due = byIndex.headMap(index, true);
            due.values().forEach(ready::addAll);
            due.clear();
            waiting -= ready.size();
            return ready;
        }
    }
}
