package io.filereplication.serve;

import io.filereplication.wire.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers for one chunk with its headers, kept for reuse: as many as transfers ever ran at once. Thread-safe.
 *
 * <p>A buffer comes back once nobody reads it any more. One of which that cannot be known, because a channel failed or was given
 * up while it was sending from it, is let go instead: it counts no more, is freed with the last message that is in it, and the
 * next transfer gets a new one in its place.
 */
final class TransferBuffers {
    /** Room for a chunk's frame and for many short messages beside it. */
    static final int BYTES = Protocol.CHUNK_BYTES + 4_096;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private int taken;

    /** A buffer for one transfer, which gives it back or lets it go. */
    ByteBuffer take() {
        synchronized (this) {
            taken++;
            ByteBuffer kept = free.poll();
            if (kept != null) {
                return kept.clear();
            }
        }
        boolean made = false;
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
            made = true;
            return buffer;
        } finally {
            if (!made) {
                letGo();
            }
        }
    }

    synchronized void giveBack(ByteBuffer buffer) {
        taken--;
        free.push(buffer);
    }

    /** Forgets a taken buffer from which somebody may still be sending. */
    synchronized void letGo() {
        taken--;
    }

    synchronized int taken() {
        return taken;
    }

    synchronized int kept() {
        return free.size();
    }
}
