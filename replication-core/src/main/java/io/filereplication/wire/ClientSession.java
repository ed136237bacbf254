package io.filereplication.wire;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A session as the client knows it. Thread-safe: many requests may be under way in one session. */
public final class ClientSession {
    private final ClusterSecret secret;
    private final NodeId server;
    private final SessionId id;
    private final int version;
    private final SessionKeys keys;
    private final AtomicLong lastCounter = new AtomicLong();

    ClientSession(ClusterSecret secret, NodeId server, SessionId id, int version, SessionKeys keys) {
        this.secret = secret;
        this.server = server;
        this.id = id;
        this.version = version;
        this.keys = keys;
    }

    /**
     * A request for {@code items}, 1 to {@link Protocol#MAX_ITEMS} of them and at most {@link Protocol#MAX_ANSWER_BYTES}
     * bytes together, with a counter that no other request of the session has.
     */
    public Request request(List<WantedRange> items) {
        long bytes = items.stream().mapToLong(WantedRange::length).sum();
        if (items.isEmpty() || items.size() > Protocol.MAX_ITEMS || bytes > Protocol.MAX_ANSWER_BYTES) {
            throw new IllegalArgumentException(
                    "A request cannot ask for " + items.size() + " files and " + bytes + " bytes");
        }
        long counter = lastCounter.incrementAndGet();
        ByteBuffer message = RequestCodec.write(version, id, counter, items, keys.tagger(MessageKind.REQUEST));
        return new Request(message, new AnswerReader(version, id, counter, keys, List.copyOf(items)));
    }

    /** How many requests were made. */
    public long requests() {
        return lastCounter.get();
    }

    /** Whether it began with what is now the primary secret of {@code credentials}: otherwise a new session is due. */
    public boolean usesPrimaryOf(Credentials credentials) {
        return credentials.secrets().primary().isSameAs(secret);
    }

    @Override
    public String toString() {
        return "session with " + server;
    }

    /**
     * A request and what reads its answer.
     *
     * @param message the bytes to send
     * @param answer reads this request's answer and no other
     */
    public record Request(ByteBuffer message, AnswerReader answer) {}
}
