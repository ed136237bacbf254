package io.filereplication.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The bytes of one packet, which holds one or several whole messages in one or several buffers. Used by one thread. */
public final class PacketReader {
    private final List<ByteBuffer> buffers;
    private int current;
    private int remaining;

    /** Reads the remaining bytes of these buffers, whose own positions do not move. */
    public PacketReader(List<ByteBuffer> packet) {
        buffers = new ArrayList<>(packet.size());
        long total = 0;
        for (ByteBuffer buffer : packet) {
            buffers.add(buffer.slice());
            total += buffer.remaining();
        }
        remaining = Math.toIntExact(total);
    }

    /** Whether there is another message. */
    public boolean hasNext() {
        return remaining > 0;
    }

    /** Whether the packet is the answer to whoever has not proven the secret. */
    boolean isUnproven() throws MalformedMessageException {
        return remaining == Protocol.PREAMBLE_BYTES && Unproven.is(peek(Protocol.PREAMBLE_BYTES));
    }

    /** The next {@code count} bytes in one piece, without taking them. */
    ByteBuffer peek(int count) throws MalformedMessageException {
        int was = current;
        int wasRemaining = remaining;
        List<ByteBuffer> parts = take(count);
        ByteBuffer whole = ByteBuffer.allocate(count);
        parts.forEach(part -> whole.put(part.duplicate()));
        current = was;
        remaining = wasRemaining;
        for (int i = 0; i < parts.size(); i++) {
            ByteBuffer source = buffers.get(was + i);
            source.position(source.position() - parts.get(i).remaining());
        }
        return whole.flip();
    }

    /** Takes the next {@code count} bytes where they lie. */
    List<ByteBuffer> take(int count) throws MalformedMessageException {
        if (count > remaining) {
            throw new MalformedMessageException(
                    "A packet ends " + (count - remaining) + " bytes before its message does");
        }
        List<ByteBuffer> parts = new ArrayList<>(2);
        int missing = count;
        remaining -= count;
        while (missing > 0) {
            ByteBuffer source = buffers.get(current);
            int part = Math.min(missing, source.remaining());
            parts.add(source.slice(source.position(), part));
            source.position(source.position() + part);
            missing -= part;
            if (missing > 0) {
                current++;
            }
        }
        return parts;
    }

    /** Takes the next {@code count} bytes in one piece. */
    ByteBuffer takeWhole(int count) throws MalformedMessageException {
        List<ByteBuffer> parts = take(count);
        if (parts.size() == 1) {
            return parts.get(0);
        }
        ByteBuffer whole = ByteBuffer.allocate(count);
        parts.forEach(whole::put);
        return whole.flip();
    }
}
