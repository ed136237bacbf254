package io.filereplication.stream;

import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.SilentPeerException;
import io.filereplication.fetch.UnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.client.api.DataStreamInput;
import org.apache.ratis.proto.RaftProtos.DataStreamPacketHeaderProto;
import org.apache.ratis.protocol.DataStreamReply;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.util.ReferenceCountedObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of one read-only stream. Each reply of Ratis holds Netty memory that somebody must release: the reader of a
 * packet, or, for what arrives after {@link #close()}, this class.
 */
final class DataStreamAnswer implements PeerTransport.Answer {
    private static final Logger LOG = LoggerFactory.getLogger(DataStreamAnswer.class);

    private final DataStreamConnection connection;
    /** The stream, once there is a connection and the request was sent. */
    private final CompletableFuture<DataStreamInput> opening;

    private final Duration connectTimeout;
    private final long begunNanos;
    private @Nullable DataStreamInput opened;
    /** A read that has not been answered yet. Never cancelled: its reply would be lost unreleased. */
    private @Nullable CompletableFuture<ReferenceCountedObject<DataStreamReply>> pending;

    private boolean closed;

    /** The answer to a request that is sent when {@code opening} completes, which whoever lets go of the answer first may cancel. */
    DataStreamAnswer(
            DataStreamConnection connection, CompletableFuture<DataStreamInput> opening, Duration connectTimeout) {
        this.connection = connection;
        this.opening = opening;
        this.connectTimeout = connectTimeout;
        this.begunNanos = System.nanoTime();
    }

    @Override
    public PeerTransport.@Nullable Packet next(Duration timeout) throws UnreachableException, InterruptedException {
        if (closed) {
            throw new UnreachableException("The answer on " + connection + " is closed");
        }
        DataStreamInput input = opened == null ? awaitOpening(timeout) : opened;
        if (input == null) {
            return null;
        }
        CompletableFuture<ReferenceCountedObject<DataStreamReply>> read = pending == null ? input.readAsync() : pending;
        pending = read;
        try {
            ReferenceCountedObject<DataStreamReply> reply = read.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            pending = null;
            return packet(reply);
        } catch (TimeoutException e) {
            if (connection.isClosed()) {
                // Ratis tells the other answers of a connection nothing of its end.
                throw new UnreachableException("The connection " + connection + " was closed", e);
            }
            return null;
        } catch (ExecutionException e) {
            pending = null;
            boolean silent = e.getCause() instanceof TimeoutIOException && !connection.isClosed();
            connection.retire();
            if (silent) {
                // Ratis's idle timeout. A connection that was reset meanwhile shows as no more than that.
                throw new SilentPeerException("Nothing came on " + connection + ": " + e.getCause(), e);
            }
            throw new UnreachableException("The answer on " + connection + " broke off: " + e.getCause(), e);
        }
    }

    private @Nullable DataStreamInput awaitOpening(Duration timeout) throws UnreachableException, InterruptedException {
        long left = connectTimeout.toNanos() - (System.nanoTime() - begunNanos);
        try {
            opened = opening.get(Math.max(0, Math.min(left, timeout.toNanos())), TimeUnit.NANOSECONDS);
            return opened;
        } catch (TimeoutException e) {
            if (System.nanoTime() - begunNanos < connectTimeout.toNanos()) {
                return null;
            }
            connection.retire();
            throw new UnreachableException(
                    "No connection " + connection + " at " + connection.address() + " within "
                            + connectTimeout.toMillis() + " ms",
                    e);
        } catch (ExecutionException e) {
            throw new UnreachableException(
                    "No connection " + connection + " at " + connection.address() + ": " + e.getCause(), e);
        }
    }

    private PeerTransport.Packet packet(ReferenceCountedObject<DataStreamReply> reply) throws UnreachableException {
        if (reply.get().getType() != DataStreamPacketHeaderProto.Type.STREAM_DATA
                || !reply.get().isSuccess()) {
            // Ratis's terminal reply. Its content is not ours, not authenticated, and must not be parsed: it may hold a
            // serialized exception of the peer's choosing.
            reply.release();
            throw new UnreachableException("The answer on " + connection + " ended");
        }
        return new ReplyPacket(reply);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // A stream that is opened only later is closed, and its connection let go of, by whoever opens it.
        boolean isOpen = !opening.cancel(false) && !opening.isCompletedExceptionally();
        if (isOpen) {
            close(opening.join());
        }
    }

    @Override
    public void reject() {
        close();
        connection.close();
    }

    private void close(DataStreamInput input) {
        try {
            input.close();
        } catch (IOException e) {
            LOG.debug("{}: the answer did not close cleanly", connection, e);
        }
        if (pending != null) {
            var unused = pending.whenComplete((reply, failure) -> {
                if (reply != null) {
                    reply.release();
                }
            });
        }
        connection.letGo();
    }

    /** One reply; closing it gives its memory back. */
    private static final class ReplyPacket implements PeerTransport.Packet {
        private final ReferenceCountedObject<DataStreamReply> reply;
        private boolean released;

        ReplyPacket(ReferenceCountedObject<DataStreamReply> reply) {
            this.reply = reply;
        }

        @Override
        public List<ByteBuffer> buffers() {
            return List.of(reply.get().nioBuffers());
        }

        @Override
        public void close() {
            if (!released) {
                released = true;
                reply.release();
            }
        }
    }
}
