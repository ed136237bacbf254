package io.filereplication.serve;

import io.filereplication.wire.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Direct buffers for one chunk with its headers, kept for reuse: as many as transfers ever ran at once. Thread-safe. */
final class TransferBuffers {
    /** Room for a chunk's frame and for many short messages beside it. */
    static final int BYTES = Protocol.CHUNK_BYTES + 4_096;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    ByteBuffer take() {
        synchronized (this) {
            ByteBuffer kept = free.poll();
            if (kept != null) {
                return kept.clear();
            }
        }
        return ByteBuffer.allocateDirect(BYTES);
    }

    synchronized int kept() {
        return free.size();
    }

    synchronized void giveBack(ByteBuffer buffer) {
        free.push(buffer);
    }
}
