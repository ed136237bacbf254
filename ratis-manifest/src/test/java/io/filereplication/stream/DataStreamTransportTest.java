package io.filereplication.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.SilentPeerException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.testing.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.datastream.SupportedDataStreamType;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.api.DataStreamApi;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transport against a real Ratis server whose answers are made here. */
class DataStreamTransportTest {
    private static final NodeId PEER = NodeId.of("peer");
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final RaftGroupId groupId = RaftGroupId.randomId();
    private RaftPeer peer = RaftPeer.newBuilder()
            .setId(PEER.value())
            .setAddress("127.0.0.1:" + FreePorts.next())
            .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
            .build();
    private final RaftProperties properties = new RaftProperties();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeEverything() throws Exception {
        for (int i = open.size(); i-- > 0; ) {
            open.get(i).close();
        }
    }

    @Test
    void deliversMessagesInOrderWithTheirBoundaries() throws Exception {
        ByteBuffer large = ByteBuffer.allocateDirect((1 << 20) + 200);
        server((request, stream) -> {
            send(stream, request.getContent().asReadOnlyByteBuffer());
            send(stream, large);
            send(stream, bytes("last"));
            stream.close();
            return 0;
        });

        try (PeerTransport.Answer answer = transport().send(PEER, Lane.SMALL, bytes("question"), CONNECT)) {
            assertThat(text(answer)).isEqualTo("question");
            try (PeerTransport.Packet packet = answer.next(LONG)) {
                assertThat(packet.buffers().stream()
                                .mapToInt(ByteBuffer::remaining)
                                .sum())
                        .isEqualTo((1 << 20) + 200);
            }
            assertThat(text(answer)).isEqualTo("last");
            assertThatThrownBy(() -> answer.next(LONG))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("ended");
        }
    }

    @Test
    void carriesManyAnswersOverOneConnectionAtOnce() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        server((request, stream) -> {
            both.countDown();
            awaitQuietly(both);
            send(stream, request.getContent().asReadOnlyByteBuffer());
            stream.close();
            return 0;
        });
        DataStreamTransport transport = transport();

        try (PeerTransport.Answer first = transport.send(PEER, Lane.SMALL, bytes("1"), CONNECT);
                PeerTransport.Answer second = transport.send(PEER, Lane.SMALL, bytes("2"), CONNECT)) {
            assertThat(text(second)).isEqualTo("2");
            assertThat(text(first)).isEqualTo("1");
        }
    }

    @Test
    void aSilentAnswerIsToldFromABrokenOne() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        server((request, stream) -> {
            awaitQuietly(goOn);
            return 0;
        });

        try (PeerTransport.Answer answer = transport().send(PEER, Lane.SMALL, bytes("?"), CONNECT)) {
            assertThat(answer.next(Duration.ofMillis(10))).isNull();
            assertThatThrownBy(() -> answer.next(LONG)).isInstanceOf(SilentPeerException.class);
        } finally {
            goOn.countDown();
        }
    }

    @Test
    void connectsAgainAfterThePeerWasNotThere() throws Exception {
        DataStreamTransport transport = transport();
        try (PeerTransport.Answer answer = transport.send(PEER, Lane.SMALL, bytes("?"), CONNECT)) {
            assertThatThrownBy(() -> answer.next(LONG))
                    .isExactlyInstanceOf(UnreachableException.class)
                    .hasMessageContaining(peer.getDataStreamAddress());
        }

        server((request, stream) -> {
            send(stream, bytes("here"));
            stream.close();
            return 0;
        });

        try (PeerTransport.Answer answer = transport.send(PEER, Lane.SMALL, bytes("?"), CONNECT)) {
            assertThat(text(answer)).isEqualTo("here");
        }
    }

    /** A port that takes no connection: its queue is full, and whoever knocks hears nothing. */
    @Test
    void aConnectionThatDoesNotComeUpIsWaitedForByNobodyButItsReader() throws Exception {
        try (ServerSocket deaf =
                        new ServerSocket(port(peer.getDataStreamAddress()), 1, InetAddress.getLoopbackAddress());
                FullQueue queue = FullQueue.of(deaf)) {
            DataStreamTransport transport = transport();
            Duration little = Duration.ofMillis(300);
            try (PeerTransport.Answer patient = transport.send(PEER, Lane.SMALL, bytes("1"), CONNECT);
                    PeerTransport.Answer impatient = transport.send(PEER, Lane.SMALL, bytes("2"), little)) {
                assertThat(patient.next(Duration.ofMillis(1)))
                        .as("one slice of a wait")
                        .isNull();
                patient.close();
                assertThatThrownBy(() -> impatient.next(LONG))
                        .isExactlyInstanceOf(UnreachableException.class)
                        .hasMessageContaining("within 300 ms");
            }
            assertThat(queue.size()).isPositive();
        }
    }

    /** Connections that nobody accepts, as many as it takes until no other comes up. */
    private record FullQueue(List<Socket> sockets) implements AutoCloseable {
        static FullQueue of(ServerSocket server) throws IOException {
            List<Socket> sockets = new ArrayList<>();
            try {
                while (true) {
                    Socket socket = new Socket();
                    sockets.add(socket);
                    socket.connect(server.getLocalSocketAddress(), 200);
                }
            } catch (SocketTimeoutException e) {
                return new FullQueue(sockets);
            }
        }

        int size() {
            return sockets.size();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Whoever sends what is not the peer's may go on and on: only the end of the connection ends that. */
    @Test
    void aRejectedAnswerEndsItsConnectionAndAClosedOneDoesNot() throws Exception {
        try (ServerSocket server =
                new ServerSocket(port(peer.getDataStreamAddress()), 5, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout((int) LONG.toMillis());
            DataStreamTransport transport = transport();
            PeerTransport.Answer closed = transport.send(PEER, Lane.SMALL, bytes("the first"), CONNECT);
            try (Socket first = server.accept()) {
                first.setSoTimeout((int) LONG.toMillis());
                readUntil(first, "the first");
                closed.close();
                PeerTransport.Answer other = transport.send(PEER, Lane.SMALL, bytes("the second"), CONNECT);
                PeerTransport.Answer rejected = transport.send(PEER, Lane.SMALL, bytes("the third"), CONNECT);
                readUntil(first, "the second");
                readUntil(first, "the third");
                assertThat(other.next(Duration.ofMillis(1))).isNull();

                rejected.reject();
                rejected.reject();

                first.getInputStream().readAllBytes(); // to its end
                assertThatThrownBy(() -> other.next(Duration.ofMillis(1)))
                        .isExactlyInstanceOf(UnreachableException.class)
                        .hasMessageContaining("was closed");
                other.close();
            }
            PeerTransport.Answer again = transport.send(PEER, Lane.SMALL, bytes("the fourth"), CONNECT);
            try (Socket second = server.accept()) {
                second.setSoTimeout((int) LONG.toMillis());
                readUntil(second, "the fourth");
            }
            again.close();
        }
    }

    /** What Ratis puts around it is of no interest. */
    private static void readUntil(Socket socket, String text) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = in.read();
            assertThat(next).as("the end before the request '%s'", text).isNotEqualTo(-1);
            read.append((char) next);
        }
    }

    /** It was found usable a moment ago: whoever wants to send takes another one. */
    @Test
    void aRetiredConnectionSendsNothingAndDoesNotSayThatThePeerIsOutOfReach() throws Exception {
        DataStreamConnection connection =
                new DataStreamConnection("test", peer, Lane.SMALL, groupId, properties, new Parameters());
        connection.retire();

        assertThat(connection.isUsable()).isFalse();
        assertThat(connection.send(bytes("?"), CONNECT)).isNull();
    }

    @Test
    void namesThePeerThatHasNoDataStreamAddress() {
        peer = RaftPeer.newBuilder(peer).setDataStreamAddress((String) null).build();
        assertThatThrownBy(() -> transport().send(PEER, Lane.SMALL, bytes("?"), CONNECT))
                .isExactlyInstanceOf(UnreachableException.class)
                .hasMessageContaining("Peer peer has no data stream address");
    }

    @Test
    void refusesWhoIsNotAMember() {
        assertThatThrownBy(() -> transport().send(NodeId.of("stranger"), Lane.SMALL, bytes("?"), CONNECT))
                .isExactlyInstanceOf(UnreachableException.class)
                .hasMessageContaining("stranger is not a member");
    }

    /** Ids are never used again: else two connections would stay for every node that was ever replaced. */
    @Test
    void keepsNoConnectionToWhoIsNoMemberAnyMore() throws Exception {
        NodeId next = NodeId.of("next");
        Map<NodeId, RaftPeer> members = new ConcurrentHashMap<>(Map.of(PEER, peer));
        DataStreamTransport transport =
                new DataStreamTransport("test", groupId, members::get, properties, new Parameters());
        open.add(transport);
        transport.send(PEER, Lane.SMALL, bytes("?"), CONNECT).close();
        transport.send(PEER, Lane.BULK, bytes("?"), CONNECT).close();
        assertThat(transport.connections()).isEqualTo(2);

        members.remove(PEER);
        members.put(next, RaftPeer.newBuilder(peer).setId(next.value()).build());
        transport.send(next, Lane.SMALL, bytes("?"), CONNECT).close();

        assertThat(transport.connections()).isEqualTo(1);
    }

    @Test
    void isOfNoUseOnceClosed() throws Exception {
        DataStreamTransport transport = transport();
        transport.close();
        transport.close();
        assertThatThrownBy(() -> transport.send(PEER, Lane.SMALL, bytes("?"), CONNECT))
                .isExactlyInstanceOf(UnreachableException.class)
                .hasMessageContaining("closed");
    }

    private DataStreamTransport transport() {
        DataStreamTransport transport = new DataStreamTransport(
                "test", groupId, id -> id.equals(PEER) ? peer : null, properties, new Parameters());
        open.add(transport);
        return transport;
    }

    private void server(DataStreamApi answers) throws IOException {
        RaftConfigKeys.DataStream.setType(properties, SupportedDataStreamType.NETTY);
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(directory.toFile().getAbsoluteFile()));
        GrpcConfigKeys.Server.setPort(properties, port(peer.getAddress()));
        NettyConfigKeys.DataStream.setPort(properties, port(peer.getDataStreamAddress()));
        Parameters parameters = new Parameters();
        RaftServerConfigKeys.DataStream.setServerApiResolver(parameters, request -> answers);
        RaftServer server = RaftServer.newBuilder()
                .setServerId(peer.getId())
                .setGroup(RaftGroup.valueOf(groupId, peer))
                .setStateMachine(new BaseStateMachine())
                .setProperties(properties)
                .setParameters(parameters)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        open.add(server);
        server.start();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private static void send(WritableByteChannel stream, ByteBuffer message) throws IOException {
        assertThat(stream.write(message)).isEqualTo(message.remaining());
    }

    private static String text(PeerTransport.Answer answer) throws UnreachableException, InterruptedException {
        try (PeerTransport.Packet packet = answer.next(LONG)) {
            return StandardCharsets.UTF_8.decode(packet.buffers().get(0)).toString();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
