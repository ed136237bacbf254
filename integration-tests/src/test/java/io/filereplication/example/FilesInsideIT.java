package io.filereplication.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.cluster.FreePorts;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationId;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.manifest.Proposals;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A manifest inside an application's own state machine, on a real server: replayed, written and loaded with the rest. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FilesInsideIT {
    @TempDir
    Path directory;

    private final int port = FreePorts.next();
    private final RaftPeer self =
            RaftPeer.newBuilder().setId("n1").setAddress("127.0.0.1:" + port).build();
    private final RaftGroup group = RaftGroup.valueOf(RaftGroupId.randomId(), self);
    private final GroupId groupId = new GroupId(group.getGroupId().getUuid());
    private final Random ids = new Random(1);

    private RaftServer start(FilesInsideStateMachine stateMachine) throws Exception {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
        GrpcConfigKeys.Server.setPort(properties, port);
        RaftServer server = RaftServer.newBuilder()
                .setServerId(self.getId())
                .setGroup(group)
                .setProperties(properties)
                .setStateMachine(stateMachine)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        server.start();
        return server;
    }

    private ByteString send(byte whose, ByteString bytes) throws Exception {
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(new RaftProperties())
                .build()) {
            ByteString entry = ByteString.copyFrom(new byte[] {whose}).concat(bytes);
            return client.io().send(Message.valueOf(entry)).getMessage().getContent();
        }
    }

    private void register(String path, OperationStatus expected) throws Exception {
        Operation register = Operation.register(new Operation.Content(
                FilePath.of(path), Sha256.OF_EMPTY, 0, NodeId.of("n1"), Instant.ofEpochMilli(1), Attributes.NONE));
        ByteString proposal =
                Proposals.encode(List.of(new Proposals.Batch(OperationId.random(ids), -1, List.of(register))));
        assertThat(Proposals.decodeReply(send(FilesInsideStateMachine.FILES, proposal), 1)
                        .get(0)
                        .operations()
                        .get(0)
                        .status())
                .isEqualTo(expected);
    }

    @Test
    void oneLogOrdersBothAndOneSnapshotHasBoth() throws Exception {
        FilesInsideStateMachine first = new FilesInsideStateMachine(groupId);
        try (RaftServer server = start(first)) {
            send(FilesInsideStateMachine.COUNT, ByteString.EMPTY);
            register("a", OperationStatus.REGISTERED);
            register("a", OperationStatus.UNCHANGED);
            send(FilesInsideStateMachine.COUNT, ByteString.EMPTY);
            register("a/b", OperationStatus.PATH_CONFLICT);
            assertThat(server.getGroups()).hasSize(1);
        }

        FilesInsideStateMachine replayed = new FilesInsideStateMachine(groupId);
        RaftServer server = start(replayed);
        try {
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> replayed.counter() == 2
                            && replayed.files().appliedIndex() >= first.files().appliedIndex());
            assertThat(replayed.files().page(null, 10)).isEqualTo(first.files().page(null, 10));
        } finally {
            server.close();
        }

        ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
        replayed.writeSnapshot(snapshot);
        FilesInsideStateMachine loaded = new FilesInsideStateMachine(groupId);
        loaded.loadSnapshot(new ByteArrayInputStream(snapshot.toByteArray()));
        assertThat(loaded.counter()).isEqualTo(2);
        assertThat(loaded.files().page(null, 10)).isEqualTo(first.files().page(null, 10));
    }

    @Test
    void listenersOfTheApplicationHearWhatItsSnapshotBrought() throws Exception {
        FilesInsideStateMachine full = new FilesInsideStateMachine(groupId);
        try (RaftServer server = start(full)) {
            register("brought", OperationStatus.REGISTERED);
            assertThat(server.getGroups()).hasSize(1);
        }
        ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
        full.writeSnapshot(snapshot);
        FilesInsideStateMachine behind = new FilesInsideStateMachine(groupId);
        behind.files().advanceTo(0);
        List<FilePath> heard = new ArrayList<>();
        behind.files().addListener(new ManifestListener() {
            @Override
            public void registered(FileEntry entry) {}

            @Override
            public void deleted(FileEntry removed, Lsn at) {}

            @Override
            public void replaced(ManifestDifference difference) {
                difference.forEach(change -> heard.add(change.path()));
            }
        });

        behind.loadSnapshot(new ByteArrayInputStream(snapshot.toByteArray()));

        assertThat(heard).containsExactly(FilePath.of("brought"));
    }
}
