package io.filereplication.simulation;

import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.serve.AnswerChannel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request and the messages that come back, with everything that can happen to them on the way. */
final class Exchange implements PeerTransport.Answer {
    /** Messages under way, from which on the sender waits for the reader. */
    static final int WINDOW = 4;

    private static final long LONG_DELAY = 4_000_000_000L;
    private static final long IDLE_BREAK = 3_000_000_000L;

    private final Kernel kernel;
    private final Faults faults;
    private final Network network;
    private final SimulatedNode client;
    private final SimulatedNode server;
    private final SimulatedProcess serving;
    private final Consumer<Exchange> onClose;
    private final List<Message> underWay = new ArrayList<>();
    private final Signal changed = new Signal();
    private @Nullable FaultKind lost;
    /** Whether somebody has waited in vain for what was lost; whoever waits does so in many short slices. */
    private boolean lossFelt;

    private boolean ended;
    private boolean broken;
    private boolean closed;
    private int openPackets;

    /** A message under way, and what happened to it. */
    private static final class Message {
        private final byte[] bytes;
        private final long arrival;
        private final @Nullable FaultKind fault;

        Message(byte[] bytes, long arrival, @Nullable FaultKind fault) {
            this.bytes = bytes;
            this.arrival = arrival;
            this.fault = fault;
        }
    }

    Exchange(
            Kernel kernel,
            Faults faults,
            Network network,
            SimulatedNode client,
            SimulatedNode server,
            Consumer<Exchange> onClose) {
        this.kernel = kernel;
        this.faults = faults;
        this.network = network;
        this.client = client;
        this.server = server;
        this.serving = server.process();
        this.onClose = onClose;
    }

    /** The request got lost, or whoever would answer did. */
    void nothingWillCome(FaultKind why) {
        lost = why;
    }

    /** The connection breaks: the reader hears of it, the writer too. */
    void breakOff() {
        broken = true;
        kernel.signal(changed);
    }

    // The side that answers.

    /** The channel for the task that answers; what others send on it must not wait, because they may hold its lock. */
    AnswerChannel channelFor(Task answering) {
        return message -> send(message, kernel.current() == answering);
    }

    private void send(ByteBuffer message, boolean mayWait) throws IOException {
        if (mayWait) {
            kernel.step("answer", message.remaining());
        }
        while (mayWait && !closed && !broken && underWay.size() >= WINDOW) {
            try {
                kernel.awaitInterruptibly(changed, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("The answer was given up");
            }
        }
        if (broken) {
            throw new IOException("The connection broke");
        }
        if (closed) {
            return; // as over Ratis: closing the input does not stop the server
        }
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        put(bytes);
        kernel.signal(changed);
    }

    private void put(byte[] bytes) {
        long previous = underWay.isEmpty() ? 0 : underWay.get(underWay.size() - 1).arrival;
        long arrival = Math.max(previous, kernel.now() + network.latency());
        if (network.isCut(client.id(), server.id()) || lost != null) {
            return;
        }
        if (faults.happens(FaultKind.ANSWER_BROKEN_OFF)) {
            underWay.add(new Message(new byte[0], arrival, FaultKind.ANSWER_BROKEN_OFF));
        } else if (faults.happens(FaultKind.MESSAGE_LOST)) {
            underWay.add(new Message(new byte[0], arrival, FaultKind.MESSAGE_LOST));
        } else if (faults.happens(FaultKind.MESSAGE_DELAYED)) {
            long longest = faults.below(4) == 0 ? LONG_DELAY : LONG_DELAY / 20;
            underWay.add(new Message(bytes, arrival + faults.between(1, longest), FaultKind.MESSAGE_DELAYED));
        } else if (faults.happens(FaultKind.MESSAGE_CORRUPTED)) {
            byte[] bad = bytes.clone();
            int at = faults.below(bad.length);
            bad[at] ^= (byte) (1 << faults.below(8));
            underWay.add(new Message(bad, arrival, FaultKind.MESSAGE_CORRUPTED));
        } else if (faults.happens(FaultKind.MESSAGE_TRUNCATED)) {
            byte[] cut = Arrays.copyOf(bytes, faults.below(bytes.length));
            underWay.add(new Message(cut, arrival, FaultKind.MESSAGE_TRUNCATED));
        } else if (faults.happens(FaultKind.MESSAGE_REPEATED)) {
            underWay.add(new Message(bytes, arrival, null));
            underWay.add(new Message(bytes, arrival, FaultKind.MESSAGE_REPEATED));
        } else if (!underWay.isEmpty() && faults.happens(FaultKind.MESSAGES_REORDERED)) {
            underWay.add(underWay.size() - 1, new Message(bytes, arrival, FaultKind.MESSAGES_REORDERED));
        } else {
            underWay.add(new Message(bytes, arrival, null));
        }
    }

    /** Nothing more will be sent; {@code failed} when the last message is missing. */
    void answered(boolean failed) {
        ended = true;
        broken |= failed && faults.below(2) == 0;
        kernel.signal(changed);
    }

    // The side that asks.

    @Override
    public PeerTransport.@Nullable Packet next(Duration timeout) throws UnreachableException, InterruptedException {
        kernel.throwIfInterrupted();
        kernel.step("next", underWay.size());
        long until = kernel.now() + timeout.toNanos();
        while (true) {
            if (broken || closed) {
                throw new UnreachableException(server.id() + ": the connection broke");
            }
            Message first = underWay.isEmpty() ? null : underWay.get(0);
            if (first != null && first.arrival <= kernel.now()) {
                underWay.remove(0);
                kernel.signal(changed);
                PeerTransport.Packet packet = take(first);
                if (packet != null) {
                    return packet;
                }
                continue;
            }
            if (first == null && ended) {
                throw new UnreachableException(server.id() + ": the answer ended");
            }
            if (first == null && serving.hasEnded()) {
                kernel.sleep(Duration.ofNanos(Math.min(IDLE_BREAK, Math.max(1, until - kernel.now()))));
                throw new UnreachableException(server.id() + " died");
            }
            long left = (first == null ? until : Math.min(until, first.arrival)) - kernel.now();
            if (until - kernel.now() <= 0) {
                if (lost != null && !lossFelt && client.isUp()) {
                    lossFelt = true;
                    faults.felt(lost, client);
                }
                return null;
            }
            kernel.awaitInterruptibly(changed, Math.max(1, left));
        }
    }

    /** What arrives as {@code message}; null when nothing does. */
    private PeerTransport.@Nullable Packet take(Message message) throws UnreachableException {
        FaultKind fault = message.fault;
        if (fault != null) {
            faults.felt(fault, client);
        }
        if (fault == FaultKind.ANSWER_BROKEN_OFF) {
            breakOff();
            throw new UnreachableException(server.id() + ": the connection was reset");
        }
        if (fault == FaultKind.MESSAGE_LOST) {
            return null;
        }
        return packet(message.bytes);
    }

    private PeerTransport.Packet packet(byte[] bytes) {
        openPackets++;
        List<ByteBuffer> buffers = new ArrayList<>();
        int split = bytes.length == 0 ? 0 : faults.below(bytes.length);
        buffers.add(ByteBuffer.wrap(bytes, 0, split).slice());
        buffers.add(ByteBuffer.wrap(bytes, split, bytes.length - split).slice());
        boolean[] open = {true};
        return new PeerTransport.Packet() {
            @Override
            public List<ByteBuffer> buffers() {
                return buffers;
            }

            @Override
            public void close() {
                if (open[0]) {
                    open[0] = false;
                    openPackets--;
                }
            }
        };
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            underWay.clear();
            onClose.accept(this);
            kernel.signal(changed);
            if (openPackets > 0 && !client.process().hasEnded()) {
                throw new IllegalStateException(openPackets + " packets were not closed before their answer");
            }
        }
    }

    /** There are no connections here that other answers share. */
    @Override
    public void reject() {
        close();
    }
}
