package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.InvalidFilePathException;
import io.filereplication.client.TreeRegistration;
import io.filereplication.storage.OpenFile;
import io.filereplication.testing.FreePorts;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is said in one sentence before anything runs, and leaves nothing behind. */
class FileReplicationNodeTest {
    private static final byte[] SECRET = "a secret of more than thirty-two bytes".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private final RaftPeer self = RaftPeer.newBuilder()
            .setId("n1")
            .setAddress("127.0.0.1:" + FreePorts.next())
            .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
            .build();
    private final RaftGroupId groupId = RaftGroupId.randomId();

    @Test
    void aNodeOfItsOwnKeepsFiles() throws Exception {
        Path source = Files.write(directory.resolve("source"), new byte[] {1, 2, 3});
        try (FileReplicationNode node = builder().build()) {
            node.start();
            FileEntry entry = node.files().put(FilePath.of("a/b"), source, Attributes.NONE);

            assertThat(node.files().stat(FilePath.of("a/b"))).isEqualTo(entry);
            assertThat(directory.resolve("files/a/b")).hasBinaryContent(new byte[] {1, 2, 3});
            ByteBuffer read = ByteBuffer.allocate(10);
            try (OpenFile file = node.files().open(FilePath.of("a/b"))) {
                assertThat(file.read(read, 0)).isEqualTo(3);
            }
            assertThat(node.files().deleteAsync(FilePath.of("a/b"), "test").join())
                    .isTrue();
            assertThat(node.files().deleteAsync(FilePath.of("a/b"), "test").join())
                    .isFalse();
        }
    }

    @Test
    void whatWasPutIsThereAfterARestart() throws Exception {
        Path source = Files.write(directory.resolve("source"), new byte[] {1, 2, 3});
        try (FileReplicationNode node = builder().build()) {
            node.start();
            node.files().put(FilePath.of("kept"), source, Attributes.NONE);
        }
        try (FileReplicationNode node = builder().build()) {
            node.start();
            node.files().awaitLocal(FilePath.of("kept"), Duration.ofSeconds(30)).join();
            assertThat(directory.resolve("files/kept")).hasBinaryContent(new byte[] {1, 2, 3});
        }
    }

    @Test
    void registersATreeThatIsAlreadyInPlaceAndGoesOnWhereItStopped() throws Exception {
        Path root = directory.resolve("files");
        for (int i = 0; i < 30; i++) {
            Path file = root.resolve("tree/" + i % 3 + "/" + i);
            Files.createDirectories(file.getParent());
            Files.write(file, new byte[] {(byte) i});
        }
        Files.write(root.resolve("elsewhere"), new byte[] {1});
        try (FileReplicationNode node = builder().build()) {
            node.start();
            TreeRegistration.Summary first =
                    node.files().registerTreeAsync("tree/0", Attributes.NONE).get(60, TimeUnit.SECONDS);
            assertThat(first).isEqualTo(new TreeRegistration.Summary(10, 0, 0, Map.of()));

            TreeRegistration.Summary rest =
                    node.files().registerTreeAsync("tree/", Attributes.NONE).get(60, TimeUnit.SECONDS);
            assertThat(rest).isEqualTo(new TreeRegistration.Summary(20, 0, 0, Map.of()));
            assertThat(node.files().list("", null, 100)).hasSize(30);

            TreeRegistration.Summary again =
                    node.files().registerTreeAsync("tree/", Attributes.NONE).get(60, TimeUnit.SECONDS);
            assertThat(again.registered()).isZero();
        }
        assertThat(root.resolve("tree/2/29")).hasBinaryContent(new byte[] {29});
    }

    /** A tree is not a reason to replace what is registered, or to stop at the first file that cannot be. */
    @Test
    void aTreeLeavesAloneWhatIsRegisteredAndNamesWhatFailed() throws Exception {
        Path source = Files.write(directory.resolve("source"), new byte[] {1, 2, 3});
        Path root = directory.resolve("files");
        try (FileReplicationNode node = builder().build()) {
            node.start();
            node.files().put(FilePath.of("tree"), source, Attributes.NONE);
            node.files().put(FilePath.of("other/x"), source, Attributes.NONE);
            node.files().deleteAsync(FilePath.of("other/x"), "test").get(60, TimeUnit.SECONDS);
            Files.createDirectories(root.resolve("fresh"));
            Files.write(root.resolve("fresh/file"), new byte[] {4});
            Files.createSymbolicLink(root.resolve("fresh/link"), source);

            TreeRegistration.Summary summary =
                    node.files().registerTreeAsync("", Attributes.NONE).get(60, TimeUnit.SECONDS);

            assertThat(summary.registered()).isEqualTo(1);
            assertThat(node.files().stat(FilePath.of("fresh/file"))).isNotNull();
            assertThat(node.files().stat(FilePath.of("tree")).sizeBytes()).isEqualTo(3);
            assertThat(node.files().stat(FilePath.of("fresh/link"))).isNull();
        }
    }

    @Test
    void needsASecret() {
        FileReplicationNode.Builder withoutSecret = FileReplicationNode.newBuilder()
                .setPeer(self)
                .setGroup(RaftGroup.valueOf(groupId, self))
                .setStorageRoot(directory.resolve("files"))
                .setRaftDirectory(directory.resolve("raft"));
        assertThatIllegalArgumentException().isThrownBy(withoutSecret::build).withMessageContaining("needs a secret");
    }

    @Test
    void refusesAShortSecret() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterSecrets.of("k", new byte[31]))
                .withMessageContaining("31")
                .withMessageContaining("32");
    }

    @Test
    void refusesFilesInsideTheRaftDirectoryAndTheOtherWayRound() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .setStorageRoot(directory.resolve("raft/files"))
                        .build())
                .withMessageContaining(directory.resolve("raft/files").toString())
                .withMessageContaining("inside one another");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .setRaftDirectory(directory.resolve("files/raft"))
                        .build())
                .withMessageContaining("inside one another");
    }

    @Test
    void refusesADisabledDataStream() {
        RaftProperties properties = new RaftProperties();
        properties.set(RaftConfigKeys.DataStream.TYPE_KEY, "DISABLED");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().setProperties(properties).build())
                .withMessageContaining(RaftConfigKeys.DataStream.TYPE_KEY)
                .withMessageContaining("DISABLED");
    }

    @Test
    void refusesAPeerWithoutADataStreamAddress() {
        RaftPeer other =
                RaftPeer.newBuilder().setId("n2").setAddress("127.0.0.1:1").build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .setGroup(RaftGroup.valueOf(groupId, self, other))
                        .build())
                .withMessageContaining("Peer n2 has no data stream address");
    }

    @Test
    void refusesToListenBeyondLoopbackWithoutMutualTls() {
        RaftPeer open = RaftPeer.newBuilder(self)
                .setAddress("0.0.0.0:" + FreePorts.next())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().setPeer(open).build())
                .withMessageContaining("mutual TLS")
                .withMessageContaining(FileReplicationConfigKeys.INSECURE_NETWORK_KEY);
    }

    /** Ratis opens them on every interface, whatever address the peer has. */
    @Test
    void refusesFurtherGrpcPortsBeyondLoopbackWithoutMutualTls() {
        RaftProperties admin = new RaftProperties();
        GrpcConfigKeys.Admin.setPort(admin, FreePorts.next());
        RaftProperties client = new RaftProperties();
        GrpcConfigKeys.Client.setPort(client, FreePorts.next());
        for (RaftProperties properties : List.of(admin, client)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().setProperties(properties).build())
                    .withMessageContaining("0.0.0.0:")
                    .withMessageContaining("mutual TLS");
        }
    }

    @Test
    void refusesAPortInUseAndLeavesNothingHalfStarted() throws Exception {
        for (String address : new String[] {self.getAddress(), self.getDataStreamAddress()}) {
            try (ServerSocket taken = new ServerSocket()) {
                taken.bind(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(),
                        Integer.parseInt(address.substring(address.indexOf(':') + 1))));
                assertThatThrownBy(() -> builder().build())
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(address);
            }
        }
        // The storage was given back, so that the same node starts once the ports are free.
        try (FileReplicationNode node = builder().build()) {
            node.start();
        }
    }

    @Test
    void refusesAStorageRootThatIsInUse() throws Exception {
        RaftPeer other = RaftPeer.newBuilder()
                .setId("n2")
                .setAddress("127.0.0.1:" + FreePorts.next())
                .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
                .build();
        try (FileReplicationNode node = builder().build()) {
            assertThatThrownBy(() -> builder()
                            .setPeer(other)
                            .setGroup(RaftGroup.valueOf(groupId, other))
                            .setRaftDirectory(directory.resolve("raft2"))
                            .build())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
            assertThat(node.fullyCaughtUp()).isFalse();
        }
    }

    @Test
    void refusesSettingsThatContradictEachOther() {
        RaftProperties properties = new RaftProperties();
        FileReplicationConfigKeys.Serve.setTransfers(properties, 17);
        RaftServerConfigKeys.DataStream.setAsyncRequestThreadPoolSize(properties, 32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().setProperties(properties).build())
                .withMessageContaining(FileReplicationConfigKeys.Serve.TRANSFERS_KEY)
                .withMessageContaining("17 and 4")
                .withMessageContaining("needs 55 threads");
    }

    @Test
    void refusesABandwidthOfZero() {
        RaftProperties properties = new RaftProperties();
        FileReplicationConfigKeys.Bandwidth.setOutPerPeer(properties, SizeInBytes.valueOf(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().setProperties(properties).build())
                .withMessageContaining(FileReplicationConfigKeys.Bandwidth.OUT_PER_PEER_KEY + " is 0");
    }

    @Test
    void refusesAPathThatBreaksTheRules() {
        assertThatThrownBy(() -> FilePath.of("../outside"))
                .isInstanceOf(InvalidFilePathException.class)
                .hasMessageContaining("../outside");
    }

    @Test
    void closesTwiceAndBeforeItWasStartedAndGivesItsPortsBack() throws Exception {
        FileReplicationNode node = builder().build();
        node.close();
        node.close();
        try (FileReplicationNode again = builder().build()) {
            again.start();
        }
    }

    @Test
    void closesAfterItsServer() throws Exception {
        try (FileReplicationNode node = builder().build()) {
            node.start();
            node.server().close();
        }
    }

    private FileReplicationNode.Builder builder() {
        return FileReplicationNode.newBuilder()
                .setPeer(self)
                .setGroup(RaftGroup.valueOf(groupId, self))
                .setStorageRoot(directory.resolve("files"))
                .setRaftDirectory(directory.resolve("raft"))
                .setSecrets(ClusterSecrets.of("test", SECRET));
    }
}
