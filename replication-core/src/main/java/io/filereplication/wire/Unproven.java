package io.filereplication.wire;

import java.nio.ByteBuffer;

/**
 * The one answer to whoever has not proven the secret: always the same eight bytes, which say nothing.
 *
 * <pre>
 *   0   magic "FREP"        4 bytes
 *   4   format of hellos    1 byte, 1
 *   5   kind                1 byte, 9
 *   6   zeros               2 bytes
 * </pre>
 */
public final class Unproven {
    private static final byte[] MESSAGE = ByteBuffer.allocate(Protocol.PREAMBLE_BYTES)
            .putInt(Protocol.MAGIC)
            .put((byte) Protocol.HELLO_FORMAT)
            .put((byte) MessageKind.UNPROVEN.code())
            .array();

    private Unproven() {}

    /** The message. */
    public static ByteBuffer message() {
        return ByteBuffer.wrap(MESSAGE).asReadOnlyBuffer();
    }

    /** Whether the remaining bytes of {@code message} are this answer. Anybody can send it. */
    public static boolean is(ByteBuffer message) {
        return ByteBuffer.wrap(MESSAGE).equals(message);
    }
}
