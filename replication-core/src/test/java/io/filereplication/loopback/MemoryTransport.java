package io.filereplication.loopback;

import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.serve.AnswerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory, without threads of its own: a request is served while it is sent, and its packets are read afterwards with the same
 * pauses between them. Hooks change, drop, repeat or delay what is on the way. Counts packets and answers that are not closed.
 */
public final class MemoryTransport implements PeerTransport {
    private final SteppedScheduler scheduler;
    private final Map<NodeId, Service> services = new ConcurrentHashMap<>();
    private UnaryOperator<byte[]> onRequest = UnaryOperator.identity();
    private UnaryOperator<List<Sent>> onAnswer = UnaryOperator.identity();
    private final AtomicInteger sent = new AtomicInteger();
    private final Map<Lane, AtomicInteger> sentOn = new ConcurrentHashMap<>();
    private final AtomicInteger unread = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();
    private volatile boolean closed;

    public MemoryTransport(SteppedScheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** What a peer does with a request, as {@code FileServer.serve}. */
    @FunctionalInterface
    public interface Service {
        void serve(ByteBuffer request, AnswerChannel out) throws IOException;
    }

    /** A packet on the way, some time after the one before it. */
    public static final class Sent {
        private final byte[] bytes;
        private final long pauseNanos;

        public Sent(byte[] bytes, long pauseNanos) {
            this.bytes = bytes;
            this.pauseNanos = pauseNanos;
        }

        /** The bytes themselves, for hooks to change. */
        public byte[] bytes() {
            return bytes;
        }
    }

    public void connect(NodeId peer, Service service) {
        services.put(peer, service);
    }

    public void disconnect(NodeId peer) {
        services.remove(peer);
    }

    public void onRequest(UnaryOperator<byte[]> hook) {
        this.onRequest = hook;
    }

    public void onAnswer(UnaryOperator<List<Sent>> hook) {
        this.onAnswer = hook;
    }

    /** How many requests were sent, hellos included. */
    public int sentRequests() {
        return sent.get();
    }

    /** How many of them took this lane. */
    public int sentRequests(Lane lane) {
        AtomicInteger count = sentOn.get(lane);
        return count == null ? 0 : count.get();
    }

    /** Answers whose connection the reader wanted to end. */
    public int rejected() {
        return rejected.get();
    }

    /** Packets and answers that were not given back. */
    public int unread() {
        return unread.get();
    }

    @Override
    public Answer send(NodeId peer, Lane lane, ByteBuffer request, Duration connectTimeout)
            throws UnreachableException {
        Service service = services.get(peer);
        if (closed || service == null) {
            throw new UnreachableException("No way to " + peer);
        }
        sent.incrementAndGet();
        sentOn.computeIfAbsent(lane, key -> new AtomicInteger()).incrementAndGet();
        byte[] bytes = new byte[request.remaining()];
        request.get(bytes);
        List<Sent> packets = new ArrayList<>();
        long[] last = {scheduler.nanoTime()};
        try {
            service.serve(ByteBuffer.wrap(onRequest.apply(bytes)).asReadOnlyBuffer(), message -> {
                byte[] copy = new byte[message.remaining()];
                message.get(copy);
                packets.add(new Sent(copy, scheduler.nanoTime() - last[0]));
                last[0] = scheduler.nanoTime();
            });
        } catch (IOException e) {
            // What was sent before arrives; then the answer ends.
        }
        unread.incrementAndGet();
        return new MemoryAnswer(onAnswer.apply(packets).iterator());
    }

    @Override
    public void close() {
        closed = true;
    }

    private final class MemoryAnswer implements Answer {
        private final Iterator<Sent> packets;
        private @Nullable Sent next;
        private long pauseNanos;
        private boolean released;

        MemoryAnswer(Iterator<Sent> packets) {
            this.packets = packets;
        }

        @Override
        public @Nullable Packet next(Duration timeout) throws UnreachableException {
            if (closed) {
                throw new UnreachableException("The transport is closed");
            }
            if (next == null) {
                if (!packets.hasNext()) {
                    throw new UnreachableException("The answer ended");
                }
                next = packets.next();
                pauseNanos = next.pauseNanos;
            }
            long passes = Math.min(pauseNanos, timeout.toNanos());
            scheduler.advance(Duration.ofNanos(passes));
            pauseNanos -= passes;
            if (pauseNanos > 0) {
                return null;
            }
            Packet packet = new MemoryPacket(next.bytes);
            next = null;
            return packet;
        }

        @Override
        public void close() {
            unread.addAndGet(released ? 0 : -1);
            released = true;
        }

        @Override
        public void reject() {
            close();
            rejected.incrementAndGet();
        }
    }

    /** In two buffers, since a network cuts where it likes. */
    private final class MemoryPacket implements Packet {
        private final List<ByteBuffer> buffers;
        private boolean released;

        MemoryPacket(byte[] bytes) {
            int cut = bytes.length / 3;
            this.buffers = List.of(
                    ByteBuffer.wrap(bytes, 0, cut).slice(),
                    ByteBuffer.wrap(bytes, cut, bytes.length - cut).slice());
            unread.incrementAndGet();
        }

        @Override
        public List<ByteBuffer> buffers() {
            return buffers;
        }

        @Override
        public void close() {
            unread.addAndGet(released ? 0 : -1);
            released = true;
        }
    }
}
