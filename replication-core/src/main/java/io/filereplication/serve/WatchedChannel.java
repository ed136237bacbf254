package io.filereplication.serve;

import io.filereplication.time.Scheduler;
import io.filereplication.time.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An answer's channel that knows since when a message has been leaving, so that a reader which does not take it can be given
 * up: the sending thread is interrupted, and the interrupt never outlives the send.
 *
 * <p>One thread sends at a time; the others may be called by any.
 */
final class WatchedChannel {
    private final AnswerChannel out;
    private final Ticker ticker;
    private final Object guard = new Object();
    /** Guarded by {@link #guard}: who is sending, and whether that thread was interrupted for it. */
    private @Nullable Thread sending;

    private long sinceNanos;
    private boolean givenUp;
    private boolean interrupted;

    WatchedChannel(AnswerChannel out, Ticker ticker) {
        this.out = out;
        this.ticker = ticker;
    }

    /** Sends the remaining bytes. Blocks until they have left or the reader was given up. */
    void send(ByteBuffer message) throws IOException {
        synchronized (guard) {
            refuseIfGivenUp();
            sending = Thread.currentThread();
            sinceNanos = ticker.nanoTime();
        }
        try {
            out.send(message);
        } finally {
            synchronized (guard) {
                sending = null;
                if (interrupted) {
                    // Ours, and meant for this send alone: the thread belongs to a pool.
                    Thread.interrupted();
                    interrupted = false;
                }
            }
        }
        synchronized (guard) {
            refuseIfGivenUp();
        }
    }

    /** Sends a message that is the whole answer; gives its reader up, and says so, when it takes longer than {@code limit}. */
    void sendWatched(ByteBuffer message, Scheduler scheduler, Duration limit, Runnable stalled) throws IOException {
        Scheduler.Cancellable watch = scheduler.schedule(limit, () -> {
            if (giveUpIfStalled(limit)) {
                stalled.run();
            }
        });
        try {
            send(message);
        } finally {
            watch.cancel();
        }
    }

    private void refuseIfGivenUp() throws IOException {
        if (givenUp) {
            throw new StalledReaderException("The peer did not take its answer, or the server is closing");
        }
    }

    /** Gives the reader up when a message has been leaving for {@code limit}; returns whether it did so now. */
    boolean giveUpIfStalled(Duration limit) {
        synchronized (guard) {
            boolean stalled = sending != null && ticker.nanoTime() - sinceNanos >= limit.toNanos();
            if (stalled && !givenUp) {
                giveUp();
                return true;
            }
            return false;
        }
    }

    /** Ends the send under way, and every later one. */
    void giveUp() {
        synchronized (guard) {
            givenUp = true;
            if (sending != null && !interrupted) {
                interrupted = true;
                sending.interrupt();
            }
        }
    }

    /** The reader was given up. */
    static final class StalledReaderException extends IOException {
        private static final long serialVersionUID = 1L;

        StalledReaderException(String message) {
            super(message);
        }
    }
}
