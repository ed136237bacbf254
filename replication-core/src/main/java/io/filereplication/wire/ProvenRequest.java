package io.filereplication.wire;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A request whose sender has proven the secret.
 *
 * <p>Not thread-safe.
 */
public final class ProvenRequest {
    private final NodeId client;
    private final boolean sessionsVersion;
    private final int count;
    private final ByteBuffer body;
    private final AnswerSealer answer;

    ProvenRequest(NodeId client, boolean sessionsVersion, int count, ByteBuffer body, AnswerSealer answer) {
        this.client = client;
        this.sessionsVersion = sessionsVersion;
        this.count = count;
        this.body = body;
        this.answer = answer;
    }

    /** Who asks. */
    public NodeId client() {
        return client;
    }

    /** Whether it has the version of its session; otherwise it is to be refused with {@link RefusalCode#VERSION}. */
    public boolean hasSessionsVersion() {
        return sessionsVersion;
    }

    /** What is asked for, 1 to {@link Protocol#MAX_ITEMS}; a bad one stands for itself and spoils no other. */
    public List<RequestedItem> items() throws MalformedMessageException {
        return RequestCodec.read(count, body);
    }

    /** What seals the messages of its answer. */
    public AnswerSealer answer() {
        return answer;
    }

    @Override
    public String toString() {
        return "request of " + client + " for " + count + " files";
    }
}
