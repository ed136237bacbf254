package io.filereplication.fetch;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request to a peer and the messages of its answer back, in order and with their boundaries kept. It
 * authenticates nothing: what it delivers is hostile until the wire's decoders say otherwise.
 *
 * <p>Thread-safe. Over Ratis this is {@code DataStreamClient.streamReadOnly}; in tests it is memory.
 */
public interface PeerTransport extends AutoCloseable {
    /**
     * Sends {@code request} on {@code lane} and returns the answer to read from. Connects if need be, off the calling thread. A
     * connection that does not come up within {@code connectTimeout} ends the answer; until then its reader waits for it.
     *
     * @throws UnreachableException when it is known at once that the peer cannot be reached, as without an address
     */
    Answer send(NodeId peer, Lane lane, ByteBuffer request, Duration connectTimeout)
            throws UnreachableException, InterruptedException;

    /** Closes every connection; answers being read end. Idempotent. */
    @Override
    void close();

    /** The messages of one answer. Used by one thread. */
    interface Answer extends AutoCloseable {
        /**
         * The next message; null when none came within {@code timeout}.
         *
         * @throws SilentPeerException when the transport itself waits no longer for a peer that has been silent since the request,
         *     or the last message, while it knows of nothing that befell the connection
         * @throws UnreachableException when the answer ended or the connection broke: there will be no other message
         */
        @Nullable
        Packet next(Duration timeout) throws UnreachableException, InterruptedException;

        /** Lets go of messages that were not read. Idempotent. */
        @Override
        void close();

        /**
         * As {@link #close}, and the connection that it came on ends too, with every other answer on it: what came was not made
         * by the peer, or not for this answer, and may go on and on. Idempotent, also once closed.
         */
        void reject();
    }

    /** One message, in memory that is taken back on {@link #close()}. */
    interface Packet extends AutoCloseable {
        /** The bytes in order, in one or several buffers, each with its own position and limit. */
        List<ByteBuffer> buffers();

        @Override
        void close();
    }
}
