package io.filereplication.serve;

import io.filereplication.Sha256;
import io.filereplication.time.Scheduler;
import io.filereplication.wire.AnswerSealer;
import io.filereplication.wire.Protocol;
import io.filereplication.wire.RefusalCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Puts the messages of one answer into one direct buffer, sends as many at once as fit, and says {@code wait} when none has
 * left for a while. A chunk is read from the disk to the place from which it is sent.
 *
 * <p>The serving thread calls everything but the timer's tasks. The lock is held across a send: it is this answer's alone, it
 * orders sealing and sending between the serving thread and the worker that says {@code wait}, and that worker never waits
 * for it. It is not held while the disk is read.
 *
 * <pre>
 *   0 ... sent        has left
 *   sent ... sealed   whole messages that wait to be sent together
 *   sealed ...        the frame being read from the disk: room for its header, then its data
 * </pre>
 */
final class AnswerWriter implements AutoCloseable {
    /** Sealed bytes from which on nothing more is gathered. */
    private static final int SEND_FROM_BYTES = 512 * 1024;

    private final WatchedChannel out;
    private final AnswerSealer sealer;
    private final ByteBuffer buffer;
    private final Scheduler scheduler;
    private final ServeConfig config;
    private final ServeCounters counters;
    private final ReentrantLock order = new ReentrantLock();
    private int sent;
    private int sealed;
    private volatile long lastSentNanos;
    private volatile boolean closed;
    private volatile Scheduler.Cancellable tick;

    /** Begins to watch. {@code buffer} is the writer's until {@link #close()}. */
    AnswerWriter(
            WatchedChannel out,
            AnswerSealer sealer,
            ByteBuffer buffer,
            Scheduler scheduler,
            ServeConfig config,
            ServeCounters counters) {
        this.out = out;
        this.sealer = sealer;
        this.buffer = buffer;
        this.scheduler = scheduler;
        this.config = config;
        this.counters = counters;
        this.lastSentNanos = scheduler.nanoTime();
        this.tick = scheduler.schedule(config.waitInterval(), this::tick);
    }

    void acknowledgement(int item, long offset, long length, Sha256 prefix) throws IOException {
        message(target -> sealer.acknowledgement(target, item, offset, length, prefix));
    }

    void refusal(int item, RefusalCode code) throws IOException {
        message(target -> sealer.refusal(target, item, code));
    }

    /** The last message; it leaves with everything before it, and no wait comes behind it. */
    void trailer() throws IOException {
        message(sealer::trailer);
        order.lock();
        try {
            sendSealed();
            closed = true;
        } finally {
            order.unlock();
        }
    }

    private void message(Consumer<ByteBuffer> write) throws IOException {
        makeRoom(Protocol.MAX_ANSWER_MESSAGE_BYTES);
        order.lock();
        try {
            ByteBuffer target = buffer.duplicate().position(sealed);
            write.accept(target);
            sealed = target.position();
        } finally {
            order.unlock();
        }
    }

    /** Where the next frame's {@code length} data bytes go; they are sent once {@link #frame} seals them. */
    ByteBuffer frameData(int length) throws IOException {
        makeRoom(Protocol.FRAME_HEADER_BYTES + length);
        return buffer.slice(sealed + Protocol.FRAME_HEADER_BYTES, length);
    }

    /** Seals the frame whose data was just put where {@link #frameData} said, and sends when enough has gathered. */
    void frame(int item, long offset, int length, Sha256 prefixAtEnd) throws IOException {
        order.lock();
        try {
            sealer.frameHeader(buffer.duplicate().position(sealed), item, offset, length, prefixAtEnd);
            sealed += Protocol.FRAME_HEADER_BYTES + length;
        } finally {
            order.unlock();
        }
        if (sealed - sent >= SEND_FROM_BYTES) {
            flush();
        }
    }

    private void makeRoom(int bytes) throws IOException {
        if (bytes > buffer.capacity() - sealed) {
            flush();
            order.lock();
            try {
                sent = 0;
                sealed = 0;
            } finally {
                order.unlock();
            }
        }
    }

    private void flush() throws IOException {
        order.lock();
        try {
            sendSealed();
        } finally {
            order.unlock();
        }
    }

    /** With {@link #order} held. */
    private void sendSealed() throws IOException {
        if (sent < sealed) {
            out.send(buffer.slice(sent, sealed - sent));
            sent = sealed;
            lastSentNanos = scheduler.nanoTime();
        }
    }

    /** On the timer thread: gives up a stalled reader, or lets a worker say that the next message takes its time. */
    private void tick() {
        if (closed) {
            return;
        }
        if (out.giveUpIfStalled(config.stallLimit())) {
            counters.stalledReaders.increment();
            return;
        }
        long idle = scheduler.nanoTime() - lastSentNanos;
        long left = config.waitInterval().toNanos() - idle;
        boolean due = left <= 0;
        tick = scheduler.schedule(due ? config.waitInterval() : Duration.ofNanos(left), this::tick);
        if (due) {
            // Where no worker has room, the next tick asks again.
            scheduler.tryExecute(this::sayWait);
        }
    }

    /** On a worker. */
    private void sayWait() {
        // Whoever holds the lock is sending, which says as much.
        if (!order.tryLock()) {
            return;
        }
        try {
            if (closed) {
                return;
            }
            if (sent < sealed) {
                sendSealed();
            } else {
                ByteBuffer message = ByteBuffer.allocate(Protocol.MAX_ANSWER_MESSAGE_BYTES);
                sealer.waiting(message);
                out.send(message.flip());
                lastSentNanos = scheduler.nanoTime();
                counters.waits.increment();
            }
        } catch (IOException e) {
            // The serving thread finds the channel broken when it sends next, and it is the one that reports it.
            out.giveUp();
        } finally {
            order.unlock();
        }
    }

    /** Ends the watch, gives up an answer that has no trailer, and waits until nobody uses the buffer. */
    @Override
    public void close() {
        tick.cancel();
        if (!closed) {
            closed = true;
            out.giveUp();
        }
        order.lock();
        try {
            sent = sealed;
        } finally {
            order.unlock();
        }
    }
}
