package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlSocket;
import io.filereplication.cli.control.ExitCode;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.security.TlsConf;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.jspecify.annotations.Nullable;

/**
 * What a stand-alone node needs to know, from properties whose names begin with {@code node.}; all others are for Ratis and for
 * {@link io.filereplication.plugin.FileReplicationConfigKeys}.
 *
 * @param self this node
 * @param group the group with its first members, or with none when the node joins
 * @param files where its files lie
 * @param raft where Ratis's log lies
 * @param secrets the file of the cluster's secrets, or null for the environment variable
 * @param cluster tells clusters with the same secret apart
 * @param socket where commands connect
 * @param http where health, readiness and metrics are served, or null for nowhere
 * @param properties for Ratis and for file replication
 * @param parameters TLS, when it is set
 */
public record NodeSettings(
        RaftPeer self,
        RaftGroup group,
        Path files,
        Path raft,
        @Nullable Path secrets,
        String cluster,
        Path socket,
        @Nullable InetSocketAddress http,
        RaftProperties properties,
        Parameters parameters) {
    public static final String ID = "node.id";
    public static final String GROUP = "node.group";
    public static final String CLUSTER = "node.cluster";
    public static final String PEERS = "node.peers";
    public static final String JOIN = "node.join";
    public static final String FILES = "node.files";
    public static final String RAFT = "node.raft";
    public static final String SECRETS = "node.secrets";
    public static final String SOCKET = "node.socket";
    public static final String HTTP = "node.http";
    public static final String TLS_KEY = "node.tls.key";
    public static final String TLS_CERTIFICATE = "node.tls.certificate";
    public static final String TLS_TRUST = "node.tls.trust";

    /** The value of {@link #SECRETS} that means the environment variable. */
    public static final String ENVIRONMENT = "environment";
    /** The value of {@link #HTTP} that means nowhere. */
    public static final String OFF = "off";

    public static final String DEFAULT_GROUP = "files";
    public static final String DEFAULT_HTTP = "127.0.0.1:8470";

    private static final String ELECTION_TIMEOUT_MIN = "1s";
    private static final String ELECTION_TIMEOUT_MAX = "2s";
    private static final String PREFIX = "node.";
    static final Set<String> KNOWN = Set.of(
            ID, GROUP, CLUSTER, PEERS, JOIN, FILES, RAFT, SECRETS, SOCKET, HTTP, TLS_KEY, TLS_CERTIFICATE, TLS_TRUST);

    /**
     * Reads {@code values}; relative paths are below {@code directory}.
     *
     * @throws CommandFailure naming the setting that is missing or wrong
     */
    public static NodeSettings of(Path directory, Map<String, String> values) throws CommandFailure {
        RaftProperties properties = new RaftProperties();
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (!KnownSettings.has(value.getKey())) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "There is no setting " + value.getKey() + ": " + KnownSettings.candidates(value.getKey()));
            }
            if (!value.getKey().startsWith(PREFIX)) {
                properties.set(value.getKey(), value.getValue());
            }
        }
        // Ratis's own 150 to 300 ms are shorter than a pause of a loaded machine, and each election stops the group.
        properties.setIfUnset(RaftServerConfigKeys.Rpc.TIMEOUT_MIN_KEY, ELECTION_TIMEOUT_MIN);
        properties.setIfUnset(RaftServerConfigKeys.Rpc.TIMEOUT_MAX_KEY, ELECTION_TIMEOUT_MAX);
        Path home = directory.toAbsolutePath().normalize();
        RaftPeer self = self(values);
        String secrets = values.getOrDefault(SECRETS, "secret");
        return new NodeSettings(
                self,
                group(self, values),
                home.resolve(values.getOrDefault(FILES, "files")),
                home.resolve(values.getOrDefault(RAFT, "raft")),
                secrets.equals(ENVIRONMENT) ? null : home.resolve(secrets),
                values.getOrDefault(CLUSTER, ""),
                home.resolve(values.getOrDefault(SOCKET, ControlSocket.DEFAULT_NAME)),
                http(values.getOrDefault(HTTP, DEFAULT_HTTP)),
                properties,
                tls(home, values));
    }

    private static RaftPeer self(Map<String, String> values) throws CommandFailure {
        String id = values.get(ID);
        if (id == null || id.isBlank()) {
            throw missing(ID, "--id", "this node's id");
        }
        String wanted = PeerText.id(id).value();
        for (RaftPeer peer : peers(values)) {
            if (peer.getId().toString().equals(wanted)) {
                return peer;
            }
        }
        throw new CommandFailure(
                ExitCode.USAGE,
                "None of the members is this node '" + wanted + "': add it as --peer " + wanted
                        + "=HOST:RAFT_PORT:STREAM_PORT");
    }

    private static List<RaftPeer> peers(Map<String, String> values) throws CommandFailure {
        String text = values.get(PEERS);
        if (text == null || text.isBlank()) {
            throw missing(PEERS, "--peer", "the group's members");
        }
        Map<String, RaftPeer> peers = new TreeMap<>();
        for (String each : text.split(",", -1)) {
            RaftPeer peer = PeerText.parse(each);
            if (peers.put(peer.getId().toString(), peer) != null) {
                throw new CommandFailure(
                        ExitCode.USAGE, "Member " + peer.getId() + " is there twice: give each an id of its own");
            }
        }
        return new ArrayList<>(peers.values());
    }

    private static RaftGroup group(RaftPeer self, Map<String, String> values) throws CommandFailure {
        RaftGroupId id = groupId(values.getOrDefault(GROUP, DEFAULT_GROUP));
        boolean joins = Boolean.parseBoolean(values.getOrDefault(JOIN, "false"));
        List<RaftPeer> peers = peers(values);
        if (!joins) {
            return RaftGroup.valueOf(id, peers);
        }
        if (peers.size() > 1) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "A node that joins learns the members from the group: give --join the member " + self.getId()
                            + " alone");
        }
        return RaftGroup.valueOf(id);
    }

    /** A group is a UUID for Ratis; any other name becomes one, the same on every node. */
    static RaftGroupId groupId(String name) {
        try {
            return RaftGroupId.valueOf(UUID.fromString(name));
        } catch (IllegalArgumentException notAnUuid) {
            return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static @Nullable InetSocketAddress http(String text) throws CommandFailure {
        if (text.equals(OFF)) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        try {
            if (colon < 1) {
                throw new IllegalArgumentException("no host");
            }
            InetAddress host = InetAddress.getByName(text.substring(0, colon));
            return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, HTTP + " is '" + text + "': write HOST:PORT, or '" + OFF + "' for none", e);
        }
    }

    private static Parameters tls(Path home, Map<String, String> values) throws CommandFailure {
        Parameters parameters = new Parameters();
        long given = List.of(TLS_KEY, TLS_CERTIFICATE, TLS_TRUST).stream()
                .filter(values::containsKey)
                .count();
        if (given == 0) {
            return parameters;
        }
        File key = file(home, values, TLS_KEY);
        File certificate = file(home, values, TLS_CERTIFICATE);
        File trust = file(home, values, TLS_TRUST);
        GrpcConfigKeys.TLS.setConf(parameters, new GrpcTlsConfig(key, certificate, trust, true));
        TlsConf stream = TlsConf.newBuilder()
                .setName(values.getOrDefault(ID, ""))
                .setPrivateKey(new TlsConf.PrivateKeyConf(key))
                .setKeyCertificates(new TlsConf.CertificatesConf(certificate))
                .setTrustCertificates(new TlsConf.CertificatesConf(trust))
                .setMutualTls(true)
                .build();
        NettyConfigKeys.DataStream.Server.setTlsConf(parameters, stream);
        NettyConfigKeys.DataStream.Client.setTlsConf(parameters, stream);
        return parameters;
    }

    private static File file(Path home, Map<String, String> values, String key) throws CommandFailure {
        String text = values.get(key);
        if (text == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "TLS needs a key, a certificate and whom to trust, each a PEM file: set " + key + ", too");
        }
        File file = home.resolve(text).toFile();
        if (!file.canRead()) {
            throw new CommandFailure(ExitCode.USAGE, key + " is " + file + ", which cannot be read: name another file");
        }
        return file;
    }

    private static CommandFailure missing(String key, String option, String what) {
        return new CommandFailure(
                ExitCode.USAGE, "A node needs " + what + ": give " + option + ", or set " + key + " in the settings");
    }
}
