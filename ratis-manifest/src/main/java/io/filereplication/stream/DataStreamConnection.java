package io.filereplication.stream;

import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.DataStreamClient;
import org.apache.ratis.client.api.DataStreamInput;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one peer for one lane, and the thread on which requests are sent over it. Its client is built by the first request
 * and closed when the connection has been retired and its last answer was let go of.
 */
final class DataStreamConnection {
    private static final Logger LOG = LoggerFactory.getLogger(DataStreamConnection.class);
    /** Requests that may wait for a connection to come up; more than any puller's workers ask for. */
    private static final int MAX_WAITING = 256;

    private final String name;
    private final RaftPeer peer;
    private final RaftGroupId group;
    private final RaftProperties properties;
    private final @Nullable Parameters parameters;
    private final ThreadPoolExecutor connector;

    private final Object lock = new Object();
    private @Nullable DataStreamClient client;
    private int answers;
    private boolean retired;
    private boolean closed;

    DataStreamConnection(
            String owner,
            RaftPeer peer,
            Lane lane,
            RaftGroupId group,
            RaftProperties properties,
            @Nullable Parameters parameters) {
        this.name = owner + "->" + peer.getId() + "-" + lane.name().toLowerCase(Locale.ROOT);
        this.peer = peer;
        this.group = group;
        this.properties = properties;
        this.parameters = parameters;
        this.connector =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, name + "-connector");
                    thread.setDaemon(true);
                    return thread;
                });
        this.connector.allowCoreThreadTimeOut(true);
    }

    String address() {
        return peer.getDataStreamAddress();
    }

    boolean isUsable() {
        synchronized (lock) {
            return !retired;
        }
    }

    /** Whether nothing more comes on it. */
    boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /**
     * Has the request sent as soon as there is a connection, and does not wait for that: the answer's reader does. Null when the
     * connection was retired meanwhile, and nothing was sent.
     */
    PeerTransport.@Nullable Answer send(ByteBuffer request, Duration connectTimeout) throws UnreachableException {
        CompletableFuture<DataStreamInput> sent = new CompletableFuture<>();
        try {
            connector.execute(() -> open(request, sent));
        } catch (RejectedExecutionException e) {
            if (!isUsable()) {
                return null;
            }
            throw new UnreachableException(MAX_WAITING + " requests already wait for the connection " + name, e);
        }
        return new DataStreamAnswer(this, sent, connectTimeout);
    }

    /** On the connector thread, where Ratis may block for as long as it likes. */
    private void open(ByteBuffer request, CompletableFuture<DataStreamInput> sent) {
        if (sent.isDone()) {
            return;
        }
        try {
            DataStreamInput input = client().streamReadOnly(request);
            if (!sent.complete(input)) {
                input.close();
                letGo();
            }
        } catch (IOException | RuntimeException e) {
            letGo();
            // Here, because the reader may have gone meanwhile: the next request must not meet the same client.
            retire();
            sent.completeExceptionally(e);
        }
    }

    /** The client, for one more answer. Only the connector thread comes here while the connection is usable. */
    private DataStreamClient client() throws IOException {
        synchronized (lock) {
            answers++;
            refuseIfRetired();
            if (client != null) {
                return client;
            }
        }
        // Not under the lock: it resolves the peer's name and reads TLS files.
        DataStreamClient built = DataStreamClient.newBuilder()
                .setDataStreamServer(peer)
                .setGroupId(group)
                .setProperties(properties)
                .setParameters(parameters)
                .build();
        boolean kept = false;
        try {
            synchronized (lock) {
                refuseIfRetired();
                client = built;
                kept = true;
                return built;
            }
        } finally {
            if (!kept) {
                close(built);
            }
        }
    }

    /** With {@link #lock} held. */
    private void refuseIfRetired() throws IOException {
        if (retired) {
            throw new IOException("The connection " + name + " was given up");
        }
    }

    /** An answer has ended. */
    void letGo() {
        DataStreamClient unused;
        synchronized (lock) {
            answers--;
            unused = takeUnusedClient();
        }
        close(unused);
    }

    /** No more requests on this connection; answers that are being read may end. */
    void retire() {
        DataStreamClient unused;
        synchronized (lock) {
            retired = true;
            unused = takeUnusedClient();
        }
        connector.shutdown();
        close(unused);
    }

    /** Ends everything at once. */
    void close() {
        DataStreamClient open;
        synchronized (lock) {
            retired = true;
            closed = true;
            open = client;
            client = null;
        }
        // What still waits for the connection learns at once that there will be none.
        connector.shutdownNow().forEach(Runnable::run);
        close(open);
    }

    private @Nullable DataStreamClient takeUnusedClient() {
        if (!retired || answers > 0) {
            return null;
        }
        DataStreamClient unused = client;
        client = null;
        return unused;
    }

    private void close(@Nullable DataStreamClient unused) {
        if (unused != null) {
            try {
                unused.close();
            } catch (IOException | RuntimeException e) {
                LOG.debug("{}: the connection did not close cleanly", this, e);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
