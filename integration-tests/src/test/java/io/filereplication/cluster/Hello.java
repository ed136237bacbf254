package io.filereplication.cluster;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.stream.DataStreamTransport;
import io.filereplication.wire.ClientHandshake;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import io.filereplication.wire.SessionRefusedException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;

/**
 * What a node says first to a peer that it wants files of, said by a test: over the wire, with whatever identity and secret.
 *
 * @param self who it claims to be
 * @param tls how it connects
 */
public record Hello(NodeId self, ClusterSecrets secrets, Parameters tls) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LONGEST_ANSWER = 200;

    /**
     * The session that {@code peer} gives for the files of {@code group}.
     *
     * @throws SessionRefusedException when it gives none
     * @throws UnreachableException when it says nothing
     */
    public ClientSession sayTo(RaftPeer peer, RaftGroupId group) throws Exception {
        NodeId asked = NodeId.of(peer.getId().toString());
        Credentials credentials = new Credentials(secrets, "", new GroupId(group.getUuid()), self);
        ClientHandshake handshake = new ClientHandshake(credentials, asked, new SecureRandom());
        try (DataStreamTransport transport =
                        new DataStreamTransport("test", group, id -> peer, TestCluster.properties(), tls);
                PeerTransport.Answer answer = transport.send(asked, Lane.SMALL, handshake.hello(), PATIENCE);
                PeerTransport.Packet packet = answer.next(PATIENCE)) {
            if (packet == null) {
                throw new UnreachableException("no answer");
            }
            ByteBuffer whole = ByteBuffer.allocate(LONGEST_ANSWER);
            packet.buffers().forEach(whole::put);
            return handshake.complete(whole.flip());
        }
    }
}
