package io.filereplication.wire;

import java.nio.ByteBuffer;

/** The random 128-bit name of a session, chosen by the server. Not a secret. */
record SessionId(long high, long low) {
    void write(ByteBuffer target) {
        target.putLong(high).putLong(low);
    }
}
