package io.filereplication.wire;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;

/**
 * The first message of a session, from client to server. Its layout is the same in every protocol version.
 *
 * <pre>
 *   0           magic "FREP"             4 bytes
 *   4           format of hellos         1 byte, 1
 *   5           kind                     1 byte, 1
 *   6           lowest version           1 byte, that the client speaks
 *   7           highest version          1 byte
 *   8           client nonce            32 bytes
 *  40           length of the key id     1 byte, k, 1 to 64
 *  41           key id                   k bytes, ASCII
 *  41 + k       length of the node id    1 byte, n, 1 to 128
 *  42 + k       the client's node id     n bytes, UTF-8
 *  42 + k + n   tag                     32 bytes, over all before, under the key of hellos
 * </pre>
 */
final class Hello {
    final int minVersion;
    final int maxVersion;
    final String keyId;
    final NodeId client;
    private final byte[] nonce;
    private final byte[] message;

    private Hello(int minVersion, int maxVersion, byte[] nonce, String keyId, NodeId client, byte[] message) {
        this.minVersion = minVersion;
        this.maxVersion = maxVersion;
        this.nonce = nonce;
        this.keyId = keyId;
        this.client = client;
        this.message = message;
    }

    static Hello write(int minVersion, int maxVersion, byte[] nonce, String keyId, NodeId client, SecretKeySpec key) {
        byte[] id = keyId.getBytes(StandardCharsets.US_ASCII);
        byte[] node = client.value().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(
                Protocol.PREAMBLE_BYTES + Protocol.NONCE_BYTES + 2 + id.length + node.length + Protocol.TAG_BYTES);
        out.putInt(Protocol.MAGIC).put((byte) Protocol.HELLO_FORMAT).put((byte) MessageKind.HELLO.code());
        out.put((byte) minVersion).put((byte) maxVersion).put(nonce);
        out.put((byte) id.length).put(id).put((byte) node.length).put(node);
        new Tagger(key).update(out, 0, out.position()).finish(out);
        return new Hello(minVersion, maxVersion, nonce, keyId, client, out.array());
    }

    /** Reads the fields of a hello, whose tag is still to be verified: nothing in it may be believed before that. */
    static Hello read(ByteBuffer message) throws MalformedMessageException {
        FieldReader fields = new FieldReader(message);
        if (fields.preamble(MessageKind.HELLO) != Protocol.HELLO_FORMAT) {
            throw new MalformedMessageException("A hello has another format");
        }
        int min = fields.u8();
        int max = fields.u8();
        byte[] nonce = fields.bytes(Protocol.NONCE_BYTES);
        String keyId = fields.string(ClusterSecret.MAX_KEY_ID_BYTES);
        NodeId client = fields.nodeId();
        fields.skip(Protocol.TAG_BYTES);
        fields.end();
        byte[] whole = new byte[message.remaining()];
        message.duplicate().get(whole);
        return new Hello(min, max, nonce, keyId, client, whole);
    }

    boolean isTaggedWith(SecretKeySpec key) {
        int end = message.length - Protocol.TAG_BYTES;
        ByteBuffer all = ByteBuffer.wrap(message);
        return new Tagger(key).update(all, 0, end).matches(all, end);
    }

    byte[] nonce() {
        return nonce.clone();
    }

    boolean hasNonce(byte[] other) {
        return Arrays.equals(nonce, other);
    }

    /** The whole message with its tag: the first half of the transcript. */
    ByteBuffer message() {
        return ByteBuffer.wrap(message).asReadOnlyBuffer();
    }
}
