package io.filereplication.wire;

import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes the messages of the answer to one request, each with the next sequence number and the tag of its kind. The messages
 * must be sent in the order in which they were written here.
 *
 * <pre>
 * Every message:
 *   0   magic "FREP"         4 bytes
 *   4   version              1 byte, the session's
 *   5   kind                 1 byte, 4 to 8
 *   6   file                 2 bytes, counted from 0 in the order of the request; ffff for the request as a whole
 *   8   session id          16 bytes
 *  24   counter              8 bytes, of the request
 *  32   sequence number      8 bytes, from 0, without gaps
 *
 * then an acknowledgement, kind 4:
 *  40   offset               8 bytes, as asked for
 *  48   length               8 bytes, as asked for
 *  56   prefix digest       32 bytes, SHA-256 of the file before the offset
 *  88   tag                 32 bytes
 *
 * a refusal, kind 5:
 *  40   code                 2 bytes, see {@link RefusalCode}
 *  42   tag                 32 bytes
 *
 * a frame, kind 6:
 *  40   offset               8 bytes, of the data in the file
 *  48   length               4 bytes, of the data
 *  52   prefix digest       32 bytes, SHA-256 of the file up to the end of the data
 *  84   tag                 32 bytes
 * 116   data                as long as it says; not under the tag, but under the digest that is
 *
 * a wait, kind 7, of which the file is ffff:
 *  40   tag                 32 bytes
 *
 * or a trailer, kind 8, of which the file is ffff:
 *  40   data bytes           8 bytes, of all frames
 *  48   tag                 32 bytes
 * </pre>
 * A tag is over all bytes before it, from the message's first on, under the session's key of its kind.
 *
 * <p>Not thread-safe: whoever seals and sends from several threads holds one lock for both.
 */
public final class AnswerSealer {
    private final int version;
    private final SessionId session;
    private final long counter;
    private final SessionKeys keys;
    private final Map<MessageKind, Tagger> taggers = new EnumMap<>(MessageKind.class);
    private long sequence;
    private long frameBytes;

    AnswerSealer(int version, SessionId session, long counter, SessionKeys keys) {
        this.version = version;
        this.session = session;
        this.counter = counter;
        this.keys = keys;
    }

    /** Writes that {@code item} follows from {@code offset}, before which its bytes have the digest {@code prefix}. */
    public void acknowledgement(ByteBuffer target, int item, long offset, long length, Sha256 prefix) {
        int start = begin(target, MessageKind.ACKNOWLEDGEMENT, item);
        target.putLong(offset).putLong(length);
        prefix.write(target);
        seal(target, MessageKind.ACKNOWLEDGEMENT, start);
    }

    /** Writes that {@code item} does not follow, or not any further. */
    public void refusal(ByteBuffer target, int item, RefusalCode code) {
        int start = begin(target, MessageKind.REFUSAL, item);
        target.putShort((short) code.number());
        seal(target, MessageKind.REFUSAL, start);
    }

    /** Writes that nothing is answered; this message is the whole answer. */
    public void refuseAll(ByteBuffer target, RefusalCode code) {
        refusal(target, Protocol.WHOLE_REQUEST, code);
    }

    /**
     * Writes the {@link Protocol#FRAME_HEADER_BYTES} that precede {@code length} bytes of {@code item}; up to their end the
     * file has the digest {@code prefixAtEnd}.
     */
    public void frameHeader(ByteBuffer target, int item, long offset, int length, Sha256 prefixAtEnd) {
        int start = begin(target, MessageKind.FRAME, item);
        target.putLong(offset).putInt(length);
        prefixAtEnd.write(target);
        seal(target, MessageKind.FRAME, start);
        frameBytes += length;
    }

    /** Writes that the next message takes its time. */
    public void waiting(ByteBuffer target) {
        int start = begin(target, MessageKind.WAIT, Protocol.WHOLE_REQUEST);
        seal(target, MessageKind.WAIT, start);
    }

    /** Writes that everything was answered. */
    public void trailer(ByteBuffer target) {
        int start = begin(target, MessageKind.TRAILER, Protocol.WHOLE_REQUEST);
        target.putLong(frameBytes);
        seal(target, MessageKind.TRAILER, start);
    }

    private int begin(ByteBuffer target, MessageKind kind, int item) {
        int start = target.position();
        target.putInt(Protocol.MAGIC)
                .put((byte) version)
                .put((byte) kind.code())
                .putShort((short) item);
        session.write(target);
        target.putLong(counter).putLong(sequence++);
        return start;
    }

    private void seal(ByteBuffer target, MessageKind kind, int start) {
        taggers.computeIfAbsent(kind, keys::tagger)
                .update(target, start, target.position())
                .finish(target);
    }

    @Override
    public String toString() {
        return "answer to request " + counter;
    }
}
