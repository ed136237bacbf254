package io.filereplication.wire;

import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer to one request: every message must have a valid tag of its kind, this session and counter, the next
 * sequence number, and be one that may come here. So a changed, dropped, repeated, reordered, truncated or spliced message
 * is detected at that message.
 *
 * <p>Used by one thread. After an exception the answer is of no further use.
 */
public final class AnswerReader {
    private final int version;
    private final SessionId session;
    private final long counter;
    private final SessionKeys keys;
    private final List<WantedRange> items;
    private final Map<MessageKind, Tagger> taggers = new EnumMap<>(MessageKind.class);
    private long sequence;
    /** The item that is answered now, or was last; -1 before the first. */
    private int item = -1;
    /** Where its next frame begins; at its end when nothing of it is to come. */
    private long position;

    private long itemEnd;
    private long frameBytes;
    private boolean over;

    AnswerReader(int version, SessionId session, long counter, SessionKeys keys, List<WantedRange> items) {
        this.version = version;
        this.session = session;
        this.counter = counter;
        this.keys = keys;
        this.items = items;
    }

    /** Whether the answer is complete: nothing else may follow. */
    public boolean isOver() {
        return over;
    }

    /**
     * Takes the next message of {@code packet}.
     *
     * @throws SessionRefusedException when the packet is the uniform refusal, and the first of the answer
     * @throws ForgedMessageException when the message was not made for this place
     * @throws MalformedMessageException when it is none, or one that the protocol does not allow here
     */
    public AnswerMessage next(PacketReader packet) throws WireException {
        if (sequence == 0 && packet.isUnproven()) {
            over = true;
            throw new SessionRefusedException("The peer refused our request's session");
        }
        FieldReader fields = new FieldReader(packet.peek(Protocol.ANSWER_HEADER_BYTES));
        if (fields.i32() != Protocol.MAGIC || fields.u8() != version) {
            throw new MalformedMessageException("A message has another magic number or version");
        }
        MessageKind kind = MessageKind.of(fields.u8());
        int bytes = kind == null ? 0 : headerBytes(kind);
        if (kind == null || bytes == 0) {
            throw new MalformedMessageException("A message of an unknown kind");
        }
        int place = fields.u16();
        boolean here = fields.sessionId().equals(session) && fields.i64() == counter && fields.i64() == sequence;
        ByteBuffer message = packet.takeWhole(bytes);
        int tagAt = bytes - Protocol.TAG_BYTES;
        Tagger tagger = taggers.computeIfAbsent(kind, keys::tagger);
        if (!tagger.update(message, 0, tagAt).matches(message, tagAt)) {
            throw new ForgedMessageException(
                    ProofFailure.ANSWER_TAG, "The tag of a message of the kind " + kind + " does not verify");
        }
        if (!here || over) {
            throw new ForgedMessageException(
                    ProofFailure.ANSWER_PLACE, "A message of the kind " + kind + " has its place elsewhere");
        }
        sequence++;
        message.position(Protocol.ANSWER_HEADER_BYTES);
        return read(kind, place, new FieldReader(message), packet);
    }

    private static int headerBytes(MessageKind kind) {
        return switch (kind) {
            case ACKNOWLEDGEMENT -> Protocol.ACKNOWLEDGEMENT_BYTES;
            case REFUSAL -> Protocol.REFUSAL_BYTES;
            case FRAME -> Protocol.FRAME_HEADER_BYTES;
            case WAIT -> Protocol.WAIT_BYTES;
            case TRAILER -> Protocol.TRAILER_BYTES;
            case HELLO, HELLO_ANSWER, REQUEST, UNPROVEN -> 0;
        };
    }

    private AnswerMessage read(MessageKind kind, int place, FieldReader fields, PacketReader packet)
            throws MalformedMessageException {
        return switch (kind) {
            case ACKNOWLEDGEMENT -> acknowledged(place, fields);
            case REFUSAL -> refused(place, RefusalCode.of(fields.u16()));
            case FRAME -> frame(place, fields, packet);
            case WAIT -> waiting(place);
            case TRAILER -> trailer(place, fields);
            case HELLO, HELLO_ANSWER, REQUEST, UNPROVEN -> throw new MalformedMessageException("No part of an answer");
        };
    }

    private AnswerMessage acknowledged(int place, FieldReader fields) throws MalformedMessageException {
        boolean due = place == item + 1 && place < items.size() && position == itemEnd;
        if (!due) {
            throw new MalformedMessageException("Item " + place + " was acknowledged out of turn");
        }
        WantedRange wanted = items.get(place);
        if (fields.i64() != wanted.offset() || fields.i64() != wanted.length()) {
            throw new MalformedMessageException("Item " + place + " was acknowledged with another range");
        }
        item = place;
        position = wanted.offset();
        itemEnd = wanted.end();
        return new AnswerMessage.Acknowledged(place, fields.sha256());
    }

    private AnswerMessage refused(int place, @Nullable RefusalCode code) throws MalformedMessageException {
        if (place == Protocol.WHOLE_REQUEST && item == -1) {
            over = true;
            return new AnswerMessage.AllRefused(code);
        }
        boolean instead = place == item + 1 && place < items.size() && position == itemEnd;
        boolean midway = place == item && position < itemEnd;
        if (!instead && !midway) {
            throw new MalformedMessageException("Item " + place + " was refused out of turn");
        }
        item = place;
        position = itemEnd;
        return new AnswerMessage.Refused(place, code);
    }

    private AnswerMessage frame(int place, FieldReader fields, PacketReader packet) throws MalformedMessageException {
        long offset = fields.i64();
        int length = fields.i32();
        Sha256 prefixAtEnd = fields.sha256();
        // A frame ends where a prefix digest exists: at a chunk's end, or at the range's when that is the file's.
        long due = Math.min(Protocol.CHUNK_BYTES, itemEnd - position);
        if (place != item || offset != position || length <= 0 || length != due) {
            throw new MalformedMessageException("A frame of " + length + " bytes of item " + place + " out of turn");
        }
        position += length;
        frameBytes += length;
        return new AnswerMessage.Frame(place, offset, length, prefixAtEnd, packet.take(length));
    }

    private static AnswerMessage waiting(int place) throws MalformedMessageException {
        if (place != Protocol.WHOLE_REQUEST) {
            throw new MalformedMessageException("A wait that concerns item " + place);
        }
        return new AnswerMessage.Wait();
    }

    private AnswerMessage trailer(int place, FieldReader fields) throws MalformedMessageException {
        if (place != Protocol.WHOLE_REQUEST) {
            throw new MalformedMessageException("A trailer that concerns item " + place);
        }
        if (item != items.size() - 1 || position != itemEnd || fields.i64() != frameBytes) {
            throw new MalformedMessageException("The answer was closed before it was complete");
        }
        over = true;
        return new AnswerMessage.Trailer();
    }
}
