package io.filereplication.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a message is. Each authenticated kind has a key of its own, so that no MAC of one is valid for another. */
public enum MessageKind {
    HELLO(1, "client to server"),
    HELLO_ANSWER(2, "server to client"),
    REQUEST(3, "client to server"),
    ACKNOWLEDGEMENT(4, "server to client"),
    REFUSAL(5, "server to client"),
    FRAME(6, "server to client"),
    WAIT(7, "server to client"),
    TRAILER(8, "server to client"),
    /** The one answer to whoever has not proven the secret. It is not authenticated and always has the same bytes. */
    UNPROVEN(9, "server to client");

    private static final MessageKind[] KINDS = values();

    private final int code;
    private final String direction;

    MessageKind(int code, String direction) {
        this.code = code;
        this.direction = direction;
    }

    /** The byte that stands for it on the wire. */
    int code() {
        return code;
    }

    /** What the key of this kind is derived for; different for every kind, and for every direction. */
    byte[] label() {
        String name = "filereplication " + name() + ", " + direction;
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** The kind with this code, or null. */
    static @Nullable MessageKind of(int code) {
        return code >= 1 && code <= KINDS.length ? KINDS[code - 1] : null;
    }
}
