package io.filereplication.wire;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 under one key. Not thread-safe. The JDK's, because Bouncy Castle's is several times slower. */
final class Tagger {
    static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;
    private final byte[] computed = new byte[Protocol.TAG_BYTES];

    Tagger(SecretKeySpec key) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }

    /** Takes the bytes of {@code part} from {@code from} to {@code to}; its position does not move. */
    Tagger update(ByteBuffer part, int from, int to) {
        ByteBuffer view = part.duplicate();
        view.limit(to).position(from);
        mac.update(view);
        return this;
    }

    /** Writes the tag of what was taken at {@code target}'s position. */
    void finish(ByteBuffer target) {
        target.put(compute());
    }

    /** Whether the tag of what was taken is the 32 bytes of {@code message} at {@code at}; takes the same time either way. */
    boolean matches(ByteBuffer message, int at) {
        byte[] claimed = new byte[Protocol.TAG_BYTES];
        message.duplicate().position(at).get(claimed);
        return MessageDigest.isEqual(compute(), claimed);
    }

    private byte[] compute() {
        try {
            mac.doFinal(computed, 0);
            return computed;
        } catch (ShortBufferException e) {
            throw new IllegalStateException("A tag has " + Protocol.TAG_BYTES + " bytes", e);
        }
    }
}
