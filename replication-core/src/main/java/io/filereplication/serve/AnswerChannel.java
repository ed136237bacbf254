package io.filereplication.serve;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the messages of one answer go. Thread-safe; a write blocks until the bytes have left, and an interrupt ends it. */
@FunctionalInterface
public interface AnswerChannel {
    /** Sends the remaining bytes of {@code message} as one message; its position afterwards is unspecified. */
    void send(ByteBuffer message) throws IOException;
}
