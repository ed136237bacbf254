package io.filereplication.serve;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where the messages of one answer go. Thread-safe; a send blocks until the bytes have left, and an interrupt ends it.
 *
 * <p>After a send that failed or was interrupted the channel may still read from the message's memory: it must not be used
 * again.
 */
@FunctionalInterface
public interface AnswerChannel {
    /** Sends the remaining bytes of {@code message} as one message; its position afterwards is unspecified. */
    void send(ByteBuffer message) throws IOException;
}
