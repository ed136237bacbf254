package io.filereplication.cli.control;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;

/**
 * Messages over a connection, each behind its length.
 *
 * <pre>
 *   at  bytes
 *    0  4      length of the message, big-endian, at most {@value #MAX_MESSAGE_BYTES}
 *    4         the message
 * </pre>
 *
 * <p>Blocking. One thread may read while another writes; neither is done by two at once.
 */
public final class MessageChannel implements AutoCloseable {
    /** Longest message; a page of a manifest is the longest that is sent. */
    public static final int MAX_MESSAGE_BYTES = 4 << 20;
    /** How many bytes of a file go into one message. */
    public static final int DATA_BYTES = 256 << 10;

    private static final byte[] GREETING = "FRCS\u0001".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH_BYTES = 4;

    private final ByteChannel channel;

    public MessageChannel(ByteChannel channel) {
        this.channel = channel;
    }

    /** Both ends send the same five bytes, of which the last is the version, and refuse any other. */
    public void greet() throws IOException {
        IOException unsent = null;
        try {
            sendGreeting();
        } catch (IOException e) {
            // A node that has no room hangs up at once, but has said so before.
            unsent = e;
        }
        ByteBuffer theirs = read(GREETING.length);
<<<<<<< HEAD
        if (theirs == null || !theirs.equals(ByteBuffer.wrap(GREETING))) {
=======
        if (theirs == null && unsent != null) {
            throw unsent;
        }
        if (theirs == null || !Arrays.equals(theirs.array(), GREETING)) {
>>>>>>> cli
            throw new IOException(
                    theirs == null
                            ? "it hung up"
                            : "it is of another version: use the command line of the node's build");
        }
    }

    /** This end's part of {@link #greet}. */
    public void sendGreeting() throws IOException {
        write(ByteBuffer.wrap(GREETING));
    }

    /** Sends {@code message}; it has left when this returns. */
    public void send(MessageLite message) throws IOException {
        ByteString bytes = message.toByteString();
        if (bytes.size() > MAX_MESSAGE_BYTES) {
            throw new IOException("A message of " + bytes.size() + " bytes, the limit is " + MAX_MESSAGE_BYTES);
        }
        ByteBuffer framed = ByteBuffer.allocate(LENGTH_BYTES + bytes.size()).putInt(bytes.size());
        bytes.copyTo(framed);
        write(framed.flip());
    }

    /** The next message, or null when the other end has hung up between two. */
    public @Nullable ByteString receive() throws IOException {
        ByteBuffer header = read(LENGTH_BYTES);
        if (header == null) {
            return null;
        }
        int length = header.getInt();
        if (length < 0 || length > MAX_MESSAGE_BYTES) {
            throw new IOException(
                    "A message of " + Integer.toUnsignedString(length) + " bytes, the limit is " + MAX_MESSAGE_BYTES);
        }
        ByteBuffer body = read(length);
        if (body == null) {
            throw new EOFException("The connection ended inside a message");
        }
        return ByteString.copyFrom(body);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** So many bytes, ready to be read, or null at the end. */
    private @Nullable ByteBuffer read(int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() > 0) {
                    throw new EOFException("The connection ended inside a message");
                }
                return null;
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
