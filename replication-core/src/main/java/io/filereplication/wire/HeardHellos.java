package io.filereplication.wire;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The genuine hellos that were heard lately, so that a recorded one opens a session once and never again. A nonce is random,
 * so its first eight bytes stand for it: that another hello has the same ones costs that hello a repetition with a new nonce.
 *
 * <p>Not thread-safe.
 */
final class HeardHellos {
    /** More than a peer says in a month; the oldest are forgotten beyond that. */
    static final int MAX_REMEMBERED = 16_384;

    private final Set<Long> nonces = new LinkedHashSet<>();

    boolean contains(byte[] nonce) {
        return nonces.contains(ByteBuffer.wrap(nonce).getLong());
    }

    void add(byte[] nonce) {
        if (nonces.size() >= MAX_REMEMBERED) {
            Iterator<Long> oldest = nonces.iterator();
            oldest.next();
            oldest.remove();
        }
        nonces.add(ByteBuffer.wrap(nonce).getLong());
    }
}
