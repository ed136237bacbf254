package io.filereplication.stream;

import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.datastream.SupportedDataStreamType;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/**
 * {@link PeerTransport} over Ratis's data stream: one long-lived connection per peer and lane, which carries many
 * answers at once and is rebuilt after a failure. What travels on one connection waits for what was sent on it before; so small
 * answers have one of their own.
 *
 * <p>Ratis connects inside the call that sends, without a bound of its own; so every send runs on the connection's
 * connector thread and the caller waits for that no longer than it wants to. A connection on which an answer went silent is retired:
 * answers still coming on it may end, nothing new is sent on it. One on which something came that the peer did not make is closed at once.
 *
 * <p>TLS is Ratis's own: the {@code TlsConf} that {@code NettyConfigKeys.DataStream.Client} finds in the parameters.
 */
public final class DataStreamTransport implements PeerTransport {
    private static final TimeDuration SILENCE = TimeDuration.valueOf(3, TimeUnit.SECONDS);

    private final String name;
    private final RaftGroupId group;
    private final DataStreamAddresses addresses;
    private final RaftProperties properties;
    private final @Nullable Parameters parameters;
    private final Map<Route, DataStreamConnection> connections = new HashMap<>();
    private boolean closed;

    /**
     * A transport that has no connection yet.
     *
     * @param name prefix of thread names and log lines
     * @param properties the server's; copied, with the idle timeout replaced by 3 s, which is what bounds the detection of
     *     a dead connection
     * @param parameters where a {@code TlsConf} is looked up
     */
    public DataStreamTransport(
            String name,
            RaftGroupId group,
            DataStreamAddresses addresses,
            RaftProperties properties,
            @Nullable Parameters parameters) {
        this.name = name;
        this.group = group;
        this.addresses = addresses;
        this.properties = new RaftProperties(properties);
        this.parameters = parameters;
        RaftConfigKeys.DataStream.setType(this.properties, SupportedDataStreamType.NETTY);
        RaftClientConfigKeys.DataStream.setRequestTimeout(this.properties, SILENCE);
    }

    @Override
    public Answer send(NodeId peer, Lane lane, ByteBuffer request, Duration connectTimeout)
            throws UnreachableException, InterruptedException {
        Answer answer = connection(peer, lane).send(request, connectTimeout);
        // Another answer on the connection may have broken off since it was found usable, which says nothing of the
        // next one.
        answer = answer == null ? connection(peer, lane).send(request, connectTimeout) : answer;
        if (answer == null) {
            throw new UnreachableException("The connections to " + peer + " break as soon as they are there");
        }
        return answer;
    }

    private DataStreamConnection connection(NodeId peer, Lane lane) throws UnreachableException {
        RaftPeer target = addresses.peer(peer);
        if (target == null) {
            throw new UnreachableException("Peer " + peer + " is not a member of group " + group);
        }
        String address = target.getDataStreamAddress();
        if (address == null || address.isEmpty()) {
            throw new UnreachableException(
                    "Peer " + peer
                            + " has no data stream address: set RaftPeer.Builder.setDataStreamAddress in the group's configuration");
        }
        Route route = new Route(peer, lane);
        List<DataStreamConnection> outdated = new ArrayList<>();
        try {
            synchronized (connections) {
                if (closed) {
                    throw new UnreachableException("The transport to " + peer + " is closed");
                }
                DataStreamConnection known = connections.get(route);
                if (known != null && known.isUsable() && known.address().equals(address)) {
                    return known;
                }
                if (known != null) {
                    outdated.add(known);
                }
                takeDeparted(outdated);
                DataStreamConnection fresh =
                        new DataStreamConnection(name, target, lane, group, properties, parameters);
                connections.put(route, fresh);
                return fresh;
            }
        } finally {
            outdated.forEach(DataStreamConnection::retire);
        }
    }

    /** Members leave for good: an id is never used again, and nobody would ask for its connections. */
    private void takeDeparted(List<DataStreamConnection> departed) {
        connections.entrySet().removeIf(entry -> {
            boolean isGone = addresses.peer(entry.getKey().peer()) == null;
            if (isGone) {
                departed.add(entry.getValue());
            }
            return isGone;
        });
    }

    /** How many connections are kept. */
    int connections() {
        synchronized (connections) {
            return connections.size();
        }
    }

    /** What has a connection of its own. */
    private record Route(NodeId peer, Lane lane) {}

    @Override
    public void close() {
        List<DataStreamConnection> open;
        synchronized (connections) {
            closed = true;
            open = List.copyOf(connections.values());
            connections.clear();
        }
        open.forEach(DataStreamConnection::close);
    }
}
