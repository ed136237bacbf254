package io.filereplication.wire;

import java.nio.ByteBuffer;
import javax.crypto.spec.SecretKeySpec;

/**
 * The server's answer to a hello with a valid tag. Its own tag covers the hello and itself, so that neither nonce nor
 * version can be exchanged on the way. Its layout is the same in every protocol version.
 *
 * <pre>
 *   0   magic "FREP"        4 bytes
 *   4   format of hellos    1 byte, 1
 *   5   kind                1 byte, 2
 *   6   lowest version      1 byte, that the server speaks
 *   7   highest version     1 byte
 *   8   server nonce       32 bytes
 *  40   session id         16 bytes, zeros exactly when there is no session
 *  56   chosen version      1 byte; 0 when there is none in common, 255 when there is no room for a session now
 *  57   tag                32 bytes, over the whole hello, its tag included, and all before; under the key of hello answers
 * </pre>
 */
final class HelloAnswer {
    static final int BYTES =
            Protocol.PREAMBLE_BYTES + Protocol.NONCE_BYTES + Protocol.SESSION_ID_BYTES + 1 + Protocol.TAG_BYTES;
    /** Instead of a version: there is none in common, and no session. */
    static final int NO_VERSION = 0;
    /** Instead of a version: there is no room for a session now. No version ever has this number. */
    static final int NO_ROOM = 255;
    /** The session id where there is no session. */
    static final SessionId NO_SESSION = new SessionId(0, 0);

    final int minVersion;
    final int maxVersion;
    final SessionId sessionId;
    final int version;
    private final byte[] nonce;

    private HelloAnswer(int minVersion, int maxVersion, byte[] nonce, SessionId sessionId, int version) {
        this.minVersion = minVersion;
        this.maxVersion = maxVersion;
        this.nonce = nonce;
        this.sessionId = sessionId;
        this.version = version;
    }

    /** The message that answers {@code hello} with this session and version. */
    static byte[] write(Hello hello, byte[] serverNonce, SessionId sessionId, int version, SecretKeySpec key) {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.putInt(Protocol.MAGIC).put((byte) Protocol.HELLO_FORMAT).put((byte) MessageKind.HELLO_ANSWER.code());
        out.put((byte) Protocol.MIN_VERSION).put((byte) Protocol.MAX_VERSION).put(serverNonce);
        sessionId.write(out);
        out.put((byte) version);
        transcript(key, hello, out, out.position()).finish(out);
        return out.array();
    }

    /** Reads the fields; nothing in them may be believed before {@link #isTaggedWith}. */
    static HelloAnswer read(ByteBuffer message) throws MalformedMessageException {
        FieldReader fields = new FieldReader(message);
        if (fields.preamble(MessageKind.HELLO_ANSWER) != Protocol.HELLO_FORMAT) {
            throw new MalformedMessageException("A hello answer has another format");
        }
        int min = fields.u8();
        int max = fields.u8();
        byte[] nonce = fields.bytes(Protocol.NONCE_BYTES);
        SessionId id = fields.sessionId();
        int version = fields.u8();
        fields.skip(Protocol.TAG_BYTES);
        fields.end();
        return new HelloAnswer(min, max, nonce, id, version);
    }

    static boolean isTaggedWith(SecretKeySpec key, Hello hello, ByteBuffer message) {
        int end = message.limit() - Protocol.TAG_BYTES;
        return transcript(key, hello, message, end).matches(message, end);
    }

    /** Whether it names a session exactly if it opens one. */
    boolean isConsistent() {
        boolean opensNone = version == NO_VERSION || version == NO_ROOM;
        return opensNone == sessionId.equals(NO_SESSION);
    }

    byte[] nonce() {
        return nonce.clone();
    }

    private static Tagger transcript(SecretKeySpec key, Hello hello, ByteBuffer answer, int end) {
        ByteBuffer said = hello.message();
        return new Tagger(key).update(said, 0, said.limit()).update(answer, end - (BYTES - Protocol.TAG_BYTES), end);
    }
}
