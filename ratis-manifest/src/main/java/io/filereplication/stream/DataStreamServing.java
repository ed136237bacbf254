package io.filereplication.stream;

import io.filereplication.GroupId;
import io.filereplication.serve.AnswerChannel;
import io.filereplication.serve.FileServer;
import io.filereplication.wire.ServerSessions;
import java.io.IOException;
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
 * was there before. {@link #resolve} runs on Ratis's event loop and only looks at a map; the answer is written on Ratis's
 * pool for such requests.
 */
public final class DataStreamServing implements DataStreamApi.Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(DataStreamServing.class);

    private final Map<GroupId, FileServer> servers = new ConcurrentHashMap<>();
    private final DataStreamApi.@Nullable Resolver next;

    /** Passes what is not ours to {@code next}; null leaves that to the group's own state machine, as Ratis does. */
    public DataStreamServing(DataStreamApi.@Nullable Resolver next) {
        this.next = next;
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
        FileServer server = servers.get(new GroupId(request.getRaftGroupId().getUuid()));
        if (server != null && message != null && isOurs(message)) {
            return (content, stream) -> transfer(server, content, stream);
        }
        return next == null ? null : next.resolve(request);
    }

    private static boolean isOurs(Message message) {
        return ServerSessions.kindOf(message.getContent().asReadOnlyByteBuffer()) != null;
    }

    /**
     * Answers on Ratis's request thread. The channel is closed whether or not the answer is whole: completeness is proven by
     * our own authenticated trailer, never by Ratis's terminal reply, and an exception thrown to Ratis would be serialized,
     * stack trace and all, to whoever asked.
     */
    private static long transfer(FileServer server, Message content, WritableByteChannel stream) {
        try {
            server.serve(content.getContent().asReadOnlyByteBuffer(), channel(stream));
        } catch (IOException | RuntimeException e) {
            LOG.debug("An answer could not be written", e);
            // Whoever did not take the answer will not take its end either: an interrupted thread does not wait for
            // that.
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(stream);
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

    /** The interrupt flag ends here, since the thread is Ratis's. */
    private static void closeQuietly(WritableByteChannel stream) {
        try {
            stream.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("A stream did not close cleanly", e);
        } finally {
            Thread.interrupted();
        }
    }
}
