package io.filereplication.stream;

import io.filereplication.GroupId;
import io.filereplication.serve.AnswerChannel;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.wire.ServerSessions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.server.api.DataStreamApi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The serving end of the data stream: finds the {@link FileServer} of the request's group and lets it answer.
 *
 * <p>A Ratis server has one resolver, read while it is built. So this one is installed before, is filled with groups as
 * they come and go, and passes what is not ours (another group, or a message without our magic number) to the resolver that
 * was there before. What begins with our magic number never reaches Ratis's own handling, which would tell whoever asks who
 * the members are: when no group answers it, it gets an end and nothing else. {@link #resolve} runs on Ratis's event loop and
 * only looks at a map; the answer is written on Ratis's pool for such requests, of which no thread waits for a reader that
 * takes nothing beyond {@link FileServer}'s stall limit.
 */
public final class DataStreamServing implements DataStreamApi.Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(DataStreamServing.class);

    private final Map<GroupId, FileServer> servers = new ConcurrentHashMap<>();
    private final DataStreamApi.@Nullable Resolver next;
    private final ServeCapacity capacity;

    /**
     * No groups yet.
     *
     * @param next gets what is not ours; null leaves that to the group's own state machine, as Ratis does
     * @param capacity that of the servers that will be added
     */
    public DataStreamServing(DataStreamApi.@Nullable Resolver next, ServeCapacity capacity) {
        this.next = next;
        this.capacity = capacity;
    }

    /** From now on {@code server} answers for {@code group}. */
    public void add(GroupId group, FileServer server) {
        servers.put(group, server);
    }

    /** From now on nobody answers for {@code group}. */
    public void remove(GroupId group) {
        servers.remove(group);
    }

    @Override
    @SuppressWarnings("NullAway") // Ratis takes null for "not found".
    public DataStreamApi resolve(RaftClientRequest request) throws IOException {
        Message message = request.getMessage();
        boolean ours =
                message != null && ServerSessions.isOurs(message.getContent().asReadOnlyByteBuffer());
        FileServer server = servers.get(new GroupId(request.getRaftGroupId().getUuid()));
        if (ours && server != null) {
            return (content, stream) -> transfer(server, content, stream);
        }
        DataStreamApi others = next == null ? null : next.resolve(request);
        return ours && others == null ? this::endAtOnce : others;
    }

    /** Our message for a group that is not served here, or not yet. */
    private long endAtOnce(Message content, WritableByteChannel stream) {
        try {
            capacity.endUnserved(nothing -> stream.close());
        } catch (IOException | RuntimeException e) {
            LOG.debug("A stream did not close cleanly", e);
        }
        return 0;
    }

    /**
     * Answers on Ratis's request thread. The channel is closed whether or not the answer is whole: completeness is proven by
     * our own authenticated trailer, never by Ratis's terminal reply, and an exception thrown to Ratis would be serialized,
     * stack trace and all, to whoever asked.
     */
    private static long transfer(FileServer server, Message content, WritableByteChannel stream) {
        boolean sayEnd = true;
        try {
            sayEnd = server.serve(content.getContent().asReadOnlyByteBuffer(), channel(stream));
        } catch (IOException e) {
            LOG.debug("An answer could not be written", e);
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed", server, e);
        }
        if (sayEnd) {
            end(stream);
        }
        return 0;
    }

    /** {@code ReadStream.write} sends the buffer whole, as one message, and does not move its position. */
    private static AnswerChannel channel(WritableByteChannel stream) {
        return (ByteBuffer message) -> {
            int length = message.remaining();
            int written = stream.write(message);
            if (written != length) {
                throw new IOException("The data stream took " + written + " of " + length + " bytes");
            }
        };
    }

    /**
     * Hands Ratis the end of the stream and does not wait until it has left, which has no bound: whoever sends requests and
     * reads no answers would keep a thread with each. An interrupted thread does not wait; the flag ends here, since the
     * thread is Ratis's.
     */
    private static void end(WritableByteChannel stream) {
        Thread.currentThread().interrupt();
        try {
            stream.close();
        } catch (InterruptedIOException e) {
            LOG.trace("The end of a stream leaves on its own", e);
        } catch (IOException | RuntimeException e) {
            LOG.debug("A stream did not close cleanly", e);
        } finally {
            Thread.interrupted();
        }
    }
}
