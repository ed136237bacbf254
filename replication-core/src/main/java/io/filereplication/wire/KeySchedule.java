package io.filereplication.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * Which key authenticates what: HKDF-SHA256 (RFC 5869) of the cluster secret, salted with the nonces, for an {@code info}
 * that begins with the kind's label and names everything the key is bound to. Salt: the client nonce for hellos, otherwise the
 * client nonce, then the server nonce. A key has 32 bytes.
 *
 * <pre>
 * info, one field after another:
 *   label             2 bytes of length, then ASCII, see {@link MessageKind#label}
 *   version           1 byte, the session's; 1 for hellos and their answers
 *   key id            2 bytes of length, then ASCII
 *   cluster name      2 bytes of length, then UTF-8, at most 255 bytes
 *   group             16 bytes
 *   client's node id  2 bytes of length, then UTF-8
 *   server's node id  2 bytes of length, then UTF-8
 *   session id        16 bytes, zeros for hellos and their answers
 * </pre>
 */
final class KeySchedule {
    private static final int KEY_BYTES = 32;
    private static final int MAX_INFO_BYTES = 2_048;

    private final ClusterSecret secret;
    private final Ends ends;

    KeySchedule(ClusterSecret secret, Ends ends) {
        this.secret = secret;
        this.ends = ends;
    }

    SecretKeySpec helloKey(byte[] clientNonce) {
        return derive(MessageKind.HELLO, Protocol.HELLO_FORMAT, clientNonce, HelloAnswer.NO_SESSION);
    }

    SecretKeySpec helloAnswerKey(byte[] clientNonce, byte[] serverNonce) {
        return derive(
                MessageKind.HELLO_ANSWER,
                Protocol.HELLO_FORMAT,
                both(clientNonce, serverNonce),
                HelloAnswer.NO_SESSION);
    }

    /** The keys of every kind that is exchanged within a session. */
    SessionKeys sessionKeys(int version, byte[] clientNonce, byte[] serverNonce, SessionId id) {
        byte[] salt = both(clientNonce, serverNonce);
        Map<MessageKind, SecretKeySpec> keys = new EnumMap<>(MessageKind.class);
        for (MessageKind kind : SessionKeys.KINDS) {
            keys.put(kind, derive(kind, version, salt, id));
        }
        return new SessionKeys(keys);
    }

    private SecretKeySpec derive(MessageKind kind, int version, byte[] salt, SessionId id) {
        ByteBuffer info = ByteBuffer.allocate(MAX_INFO_BYTES);
        field(info, kind.label());
        info.put((byte) version);
        field(info, secret.keyId().getBytes(StandardCharsets.US_ASCII));
        field(info, ends.clusterName().getBytes(StandardCharsets.UTF_8));
        info.putLong(ends.group().value().getMostSignificantBits());
        info.putLong(ends.group().value().getLeastSignificantBits());
        field(info, ends.client().value().getBytes(StandardCharsets.UTF_8));
        field(info, ends.server().value().getBytes(StandardCharsets.UTF_8));
        id.write(info);
        byte[] bound = new byte[info.position()];
        info.flip().get(bound);

        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret.bytes(), salt, bound));
        byte[] key = new byte[KEY_BYTES];
        hkdf.generateBytes(key, 0, key.length);
        return new SecretKeySpec(key, Tagger.ALGORITHM);
    }

    /** Every field of variable length stands behind its length: no two inputs have the same bytes. */
    private static void field(ByteBuffer info, byte[] value) {
        info.putShort((short) value.length).put(value);
    }

    private static byte[] both(byte[] clientNonce, byte[] serverNonce) {
        return ByteBuffer.allocate(clientNonce.length + serverNonce.length)
                .put(clientNonce)
                .put(serverNonce)
                .array();
    }
}
