package io.filereplication.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The calls that wait to be proposed, in the order they came, within the bounds of memory.
 *
 * <p>Thread-safe; only {@link #addWhenRoom} blocks.
 */
final class PendingCalls {
    private final ManifestClientSettings settings;
    private final Deque<Call> waiting = new ArrayDeque<>();
    private int operations;
    private long bytes;
    private boolean closed;

    PendingCalls(ManifestClientSettings settings) {
        this.settings = settings;
    }

    /** Takes {@code call} in, or says why not. */
    synchronized void add(Call call) throws ManifestClientException {
        checkOpen();
        if (!hasRoom(call)) {
            throw new TooManyPendingException(operations, bytes);
        }
        enter(call);
    }

    /** Takes {@code call} in as soon as there is room. */
    synchronized void addWhenRoom(Call call) throws ManifestClientException, InterruptedException {
        checkOpen();
        while (!hasRoom(call)) {
            wait();
            checkOpen();
        }
        enter(call);
    }

    private void checkOpen() throws NotProposedException {
        if (closed) {
            throw new NotProposedException("The client is closed");
        }
    }

    private boolean hasRoom(Call call) {
        return operations + call.operations().size() <= settings.maxPendingOperations()
                && bytes + call.bytes() <= settings.maxPendingBytes();
    }

    private void enter(Call call) {
        waiting.add(call);
        operations += call.operations().size();
        bytes += call.bytes();
    }

    /** As many calls as one log entry holds, oldest first; their room stays taken until {@link #release}. */
    synchronized List<Call> nextEntry() {
        List<Call> entry = new ArrayList<>();
        int entryOperations = 0;
        long entryBytes = 0;
        while (!waiting.isEmpty()) {
            Call call = waiting.element();
            entryOperations += call.operations().size();
            entryBytes += call.bytes();
            boolean full = entryOperations > settings.maxEntryOperations() || entryBytes > settings.maxEntryBytes();
            if (full && !entry.isEmpty()) {
                break;
            }
            entry.add(waiting.remove());
        }
        return entry;
    }

    /** The calls have been answered. */
    synchronized void release(List<Call> answered) {
        for (Call call : answered) {
            operations -= call.operations().size();
            bytes -= call.bytes();
        }
        notifyAll();
    }

    /** Lets nothing in any more and answers what was waiting. */
    synchronized List<Call> close() {
        closed = true;
        List<Call> left = new ArrayList<>(waiting);
        waiting.clear();
        notifyAll();
        return left;
    }

    synchronized int operations() {
        return operations;
    }
}
