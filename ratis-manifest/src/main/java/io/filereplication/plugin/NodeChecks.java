package io.filereplication.plugin;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.datastream.SupportedDataStreamType;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.security.TlsConf;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.NetUtils;
import org.jspecify.annotations.Nullable;

/**
 * What must be true before anything is started, each checked with one sentence that names the value and the way out. Half of
 * these would otherwise fail late, in another thread, or by ending the JVM, as Ratis does when its gRPC port is taken.
 */
final class NodeChecks {
    private NodeChecks() {}

    /** The files and the Raft log must not be inside one another: each removes what it does not know. */
    static void apart(Path storageRoot, Path raftDirectory) {
        Path storage = storageRoot.toAbsolutePath().normalize();
        Path raft = raftDirectory.toAbsolutePath().normalize();
        if (storage.startsWith(raft) || raft.startsWith(storage)) {
            throw new IllegalArgumentException("The storage root " + storage + " and the Raft directory " + raft
                    + " must not be inside one another: give each a directory of its own");
        }
    }

    /** Where the server keeps its log. */
    static List<Path> raftDirectories(RaftProperties properties) {
        return RaftServerConfigKeys.storageDir(properties).stream()
                .map(File::toPath)
                .toList();
    }

    /** Files travel over the Netty data stream, which Ratis leaves disabled unless it is told otherwise. */
    static void dataStream(RaftProperties properties) {
        String type = properties.get(RaftConfigKeys.DataStream.TYPE_KEY);
        if (type == null) {
            RaftConfigKeys.DataStream.setType(properties, SupportedDataStreamType.NETTY);
        } else if (!type.equalsIgnoreCase(SupportedDataStreamType.NETTY.name())) {
            throw new IllegalArgumentException(RaftConfigKeys.DataStream.TYPE_KEY + " is '" + type
                    + "', but files travel over the data stream: set it to " + SupportedDataStreamType.NETTY);
        }
    }

    /** Every peer can be asked for files. */
    static void peers(RaftGroup group) {
        group.getPeers().forEach(NodeChecks::peer);
    }

    /** The peer has both addresses. */
    static void peer(RaftPeer peer) {
        address("address", peer, peer.getAddress());
        address("data stream address", peer, peer.getDataStreamAddress());
    }

    private static void address(String what, RaftPeer peer, @Nullable String address) {
        if (address == null || address.isEmpty()) {
            throw new IllegalArgumentException(
                    "Peer " + peer.getId() + " has no " + what + ": set it in its RaftPeer.Builder as host:port");
        }
        try {
            NetUtils.createSocketAddr(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The " + what + " '" + address + "' of peer " + peer.getId() + " is not host:port", e);
        }
    }

    /**
     * Beyond loopback every port needs mutual TLS, since the HMAC neither encrypts nor protects Raft's own. At the data stream
     * port that is what can be asked for and not what Ratis 3.3.0 does: it requires no certificate of a client there. It
     * suffices all the same, since whoever connects gets nothing without the secret, and reads nothing without the keys of
     * the session; SECURITY.md says what remains.
     */
    static void network(RaftPeer self, RaftProperties properties, Parameters parameters) {
        known("address", self.getAddress());
        known("data stream address", self.getDataStreamAddress());
        if (!isNetworkTrusted(properties)) {
            for (String exposed : exposed(self, properties, parameters)) {
                throw new IllegalArgumentException("Node " + self.getId() + " would listen at " + exposed
                        + " without mutual TLS: give it a certificate (node.tls.key, node.tls.certificate and node.tls.trust of "
                        + "a stand-alone node, TlsConf for gRPC and for the data stream in the Parameters of any other), or set "
                        + FileReplicationConfigKeys.INSECURE_NETWORK_KEY + " if the network is trusted");
            }
        }
    }

    private static void known(String what, String address) {
        if (NetUtils.createSocketAddr(address).isUnresolved()) {
            throw new IllegalArgumentException("The host of this node's " + what + " " + address
                    + " is not known: write its name as the other members find it, or its IP address");
        }
    }

    /** Whether somebody has said so; nobody is told again what is in effect. */
    static boolean isNetworkTrusted(RaftProperties properties) {
        return FileReplicationConfigKeys.insecureNetwork(properties, effective -> {});
    }

    /** Where the node listens beyond loopback without mutual TLS. */
    static List<String> exposed(RaftPeer self, RaftProperties properties, Parameters parameters) {
        List<String> exposed = new ArrayList<>();
        TlsConf grpc = GrpcConfigKeys.TLS.conf(parameters);
        expose(exposed, self.getAddress(), GrpcConfigKeys.Server.tlsConf(parameters), grpc);
        expose(exposed, self.getDataStreamAddress(), NettyConfigKeys.DataStream.Server.tlsConf(parameters), null);
        // Ratis opens these two only when they have ports of their own, and then on every interface unless told
        // otherwise.
        int raftPort = NetUtils.createSocketAddr(self.getAddress()).getPort();
        int adminPort = GrpcConfigKeys.Admin.port(properties);
        if (adminPort > 0 && adminPort != raftPort) {
            String address = anyOr(GrpcConfigKeys.Admin.host(properties)) + ":" + adminPort;
            expose(exposed, address, GrpcConfigKeys.Admin.tlsConf(parameters), grpc);
        }
        int clientPort = GrpcConfigKeys.Client.port(properties);
        if (clientPort > 0 && clientPort != raftPort) {
            String address = anyOr(GrpcConfigKeys.Client.host(properties)) + ":" + clientPort;
            expose(exposed, address, GrpcConfigKeys.Client.tlsConf(parameters), grpc);
        }
        return exposed;
    }

    private static void expose(
            List<String> exposed, String address, @Nullable TlsConf ofPort, @Nullable TlsConf otherwise) {
        TlsConf conf = ofPort != null ? ofPort : otherwise;
        if (!isLoopback(address) && (conf == null || !conf.isMutualTls())) {
            exposed.add(address);
        }
    }

    private static String anyOr(@Nullable String host) {
        return host == null || host.isEmpty() ? "0.0.0.0" : host;
    }

    private static boolean isLoopback(String address) {
        InetAddress resolved = NetUtils.createSocketAddr(address).getAddress();
        return resolved != null && resolved.isLoopbackAddress();
    }

    /**
     * Nobody listens on the port. Looked at before the server is built, because Ratis ends the JVM when its gRPC port is
     * taken.
     */
    static void portIsFree(String what, String address) throws IOException {
        InetSocketAddress wanted = NetUtils.createSocketAddr(address);
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(wanted);
        } catch (IOException e) {
            throw new IOException("The " + what + " " + address + " cannot be listened on: " + e.getMessage()
                    + ". Stop what uses the port, or choose another");
        }
    }
}
