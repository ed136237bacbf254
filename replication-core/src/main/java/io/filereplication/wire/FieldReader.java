package io.filereplication.wire;

import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads big-endian fields from a message and refuses, with a typed exception, to read past its end. */
final class FieldReader {
    private final ByteBuffer bytes;

    /** Reads the remaining bytes of {@code message}, whose own position does not move. */
    FieldReader(ByteBuffer message) {
        this.bytes = message.duplicate();
    }

    int remaining() {
        return bytes.remaining();
    }

    int u8() throws MalformedMessageException {
        return need(1).get() & 0xff;
    }

    int u16() throws MalformedMessageException {
        return need(2).getShort() & 0xffff;
    }

    int i32() throws MalformedMessageException {
        return need(4).getInt();
    }

    long i64() throws MalformedMessageException {
        return need(8).getLong();
    }

    /** The next {@code count} bytes; nothing is allocated for bytes that are not there. */
    byte[] bytes(int count) throws MalformedMessageException {
        ByteBuffer there = need(count);
        byte[] taken = new byte[count];
        there.get(taken);
        return taken;
    }

    /** Passes over the next {@code count} bytes. */
    void skip(int count) throws MalformedMessageException {
        ByteBuffer there = need(count);
        there.position(there.position() + count);
    }

    Sha256 sha256() throws MalformedMessageException {
        return Sha256.read(need(Sha256.BYTES));
    }

    SessionId sessionId() throws MalformedMessageException {
        return new SessionId(i64(), i64());
    }

    /**
     * A string of at most {@code maxBytes} behind a length byte. Anything but well-formed UTF-8 is refused, because it would
     * not be canonical.
     */
    String string(int maxBytes) throws MalformedMessageException {
        int count = u8();
        if (count > maxBytes) {
            throw new MalformedMessageException("A string of " + count + " bytes, the limit is " + maxBytes);
        }
        ByteBuffer utf8 = ByteBuffer.wrap(bytes(count));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMessageException("A string is not well-formed UTF-8");
        }
    }

    NodeId nodeId() throws MalformedMessageException {
        String text = string(NodeId.MAX_BYTES);
        try {
            return NodeId.of(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("A node id breaks a rule");
        }
    }

    /** Takes magic, version and kind; refuses other values of the first and the last. Returns the version. */
    int preamble(MessageKind expected) throws MalformedMessageException {
        if (i32() != Protocol.MAGIC) {
            throw new MalformedMessageException("A message does not begin with the magic number");
        }
        int version = u8();
        if (u8() != expected.code()) {
            throw new MalformedMessageException("A message is not of the kind " + expected);
        }
        return version;
    }

    /** Refuses bytes behind the last field. */
    void end() throws MalformedMessageException {
        if (bytes.hasRemaining()) {
            throw new MalformedMessageException("A message has " + bytes.remaining() + " bytes too many");
        }
    }

    private ByteBuffer need(int count) throws MalformedMessageException {
        if (bytes.remaining() < count) {
            throw new MalformedMessageException(
                    "A message ends " + (count - bytes.remaining()) + " bytes before its field does");
        }
        return bytes;
    }
}
