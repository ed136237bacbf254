package io.filereplication.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node is told, and what it refuses with which words. */
class NodeSettingsTest {
    private static final Path DIR = Path.of("/some/dir");

    private static Map<String, String> values(String... more) {
        Map<String, String> values = new HashMap<>();
        values.put(NodeSettings.ID, "n1");
        values.put(NodeSettings.PEERS, "n1=127.0.0.1:6001:6002,n2=[::1]:6003:6004");
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return values;
    }

    @Test
    void everythingHasADefaultBelowTheDirectoryButIdAndPeers() throws Exception {
        NodeSettings settings = NodeSettings.of(DIR, values());

        assertThat(settings.self().getAddress()).isEqualTo("127.0.0.1:6001");
        assertThat(settings.self().getDataStreamAddress()).isEqualTo("127.0.0.1:6002");
        assertThat(settings.group().getPeers())
                .extracting(RaftPeer::getAddress)
                .containsExactlyInAnyOrder("127.0.0.1:6001", "[::1]:6003");
        assertThat(settings.files()).isEqualTo(DIR.resolve("files"));
        assertThat(settings.raft()).isEqualTo(DIR.resolve("raft"));
        assertThat(settings.secrets()).isEqualTo(DIR.resolve("secret"));
        assertThat(settings.socket()).isEqualTo(DIR.resolve("control.socket"));
        assertThat(settings.http().getPort()).isEqualTo(8470);
        assertThat(settings.http().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    void otherKeysGoToRatis() throws Exception {
        NodeSettings settings = NodeSettings.of(DIR, values("file.replication.pull.workers", "7"));

        assertThat(settings.properties().get("file.replication.pull.workers")).isEqualTo("7");
        assertThat(settings.properties().get("raft.server.rpc.timeout.min")).isEqualTo("1s");
        assertThat(settings.properties().get("node.id")).isNull();
    }

    @Test
    void aNameIsTheSameGroupOnEveryNodeAndAnUuidIsItself() throws Exception {
        String uuid = "02511d47-d67c-49a3-9011-abb3109a44c1";

        assertThat(NodeSettings.of(DIR, values("node.group", "a")).group().getGroupId())
                .isEqualTo(
                        NodeSettings.of(DIR, values("node.group", "a")).group().getGroupId())
                .isNotEqualTo(
                        NodeSettings.of(DIR, values("node.group", "b")).group().getGroupId());
        assertThat(NodeSettings.of(DIR, values("node.group", uuid))
                        .group()
                        .getGroupId()
                        .getUuid())
                .hasToString(uuid);
    }

    @Test
    void aNodeThatJoinsKnowsNobody() throws Exception {
        NodeSettings settings =
                NodeSettings.of(DIR, values(NodeSettings.JOIN, "true", NodeSettings.PEERS, "n1=127.0.0.1:1:2"));

        assertThat(settings.group().getPeers()).isEmpty();
        refused("--join the member n1 alone", values(NodeSettings.JOIN, "true"));
    }

    @Test
    void whatIsMissingOrUnknownIsNamed() {
        Map<String, String> withoutId = values();
        withoutId.remove(NodeSettings.ID);
        Map<String, String> withoutPeers = values();
        withoutPeers.remove(NodeSettings.PEERS);

        refused("--id", withoutId);
        refused("--peer", withoutPeers);
        refused("--peer n9=", values(NodeSettings.ID, "n9"));
        refused("node.peer", values("node.peer", "x"));
        refused("file.replication.pull.workers", values("file.replication.pull.wokers", "9"));
        refused("no setting rafft.server.port", values("rafft.server.port", "9"));
        refused("twice", values(NodeSettings.PEERS, "n1=127.0.0.1:1:2,n1=127.0.0.1:3:4"));
        refused("node.http", values(NodeSettings.HTTP, "8470"));
        refused("node.tls.certificate", values("node.tls.key", "/dev/null"));
    }

    @Test
    void theDocumentNamesEverySetting() throws Exception {
        String document = Files.readString(Path.of("../docs/cli.md"));

        for (String key : NodeSettings.KNOWN) {
            assertThat(document).contains("`" + key + "`");
        }
    }

    @Test
    void httpCanBeOff() throws Exception {
        assertThat(NodeSettings.of(DIR, values(NodeSettings.HTTP, NodeSettings.OFF))
                        .http())
                .isNull();
    }

    @Test
    void tlsIsMutualOnBothPorts(@TempDir Path directory) throws Exception {
        Path pem = Files.createFile(directory.resolve("a.pem"));

        NodeSettings settings = NodeSettings.of(
                directory,
                values("node.tls.key", "a.pem", "node.tls.certificate", pem.toString(), "node.tls.trust", "a.pem"));

        assertThat(GrpcConfigKeys.TLS.conf(settings.parameters()).isMutualTls()).isTrue();
        assertThat(org.apache.ratis.netty.NettyConfigKeys.DataStream.Server.tlsConf(settings.parameters())
                        .isMutualTls())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "n1", "n1=host", "n1=host:1", "n1=host:x:2", "n1=host:0:2", "n1=host:1:65536", "=host:1:2"})
    void aMemberThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> PeerText.parse(text))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ExitCode.USAGE));
    }

    @ParameterizedTest
    @CsvSource({"a=h:1:2, a, h:1, h:2", "b=[::1]:3:4, b, [::1]:3, [::1]:4"})
    void aMemberIsReadWhole(String text, String id, String address, String dataStreamAddress) throws Exception {
        RaftPeer peer = PeerText.parse(text);

        assertThat(peer.getId()).hasToString(id);
        assertThat(peer.getAddress()).isEqualTo(address);
        assertThat(peer.getDataStreamAddress()).isEqualTo(dataStreamAddress);
    }

    private static void refused(String word, Map<String, String> values) {
        assertThatThrownBy(() -> NodeSettings.of(DIR, values))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(word);
    }
}
