package io.filereplication.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.cluster.FreePorts;
import io.filereplication.cluster.Hello;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.metrics.GroupMetrics;
import io.filereplication.plugin.FileReplicationPlugin;
import io.filereplication.plugin.GroupSettings;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.ClusterSecrets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example application, and what it does with groups: they come and go on running servers, each with its own files. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CountingServerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final byte[] SECRET = "the secret that the counting servers share".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private final List<RaftPeer> peers = new ArrayList<>();
    private final List<CountingServer> servers = new ArrayList<>();
    private RaftGroup counters;

    private void start(int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            peers.add(RaftPeer.newBuilder()
                    .setId("n" + i)
                    .setAddress("127.0.0.1:" + FreePorts.next())
                    .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
                    .build());
        }
        counters = RaftGroup.valueOf(RaftGroupId.randomId(), peers);
        for (int i = 0; i < count; i++) {
            servers.add(open(i, List.of()));
            servers.get(i).start();
        }
    }

    private CountingServer open(int number, List<RaftGroupId> files) throws Exception {
        RaftPeer self = peers.get(number);
        return new CountingServer(
                self, counters, files, directory.resolve(self.getId().toString()), ClusterSecrets.of("test", SECRET));
    }

    /** A new group of files on every server. */
    private RaftGroupId addFiles() throws Exception {
        RaftGroup group = RaftGroup.valueOf(RaftGroupId.randomId(), peers);
        for (CountingServer server : servers) {
            server.addFiles(group);
        }
        return group.getGroupId();
    }

    private void put(int number, RaftGroupId group, String path, String text) throws Exception {
        Path source = Files.writeString(Files.createTempFile(directory, "put", ".bytes"), text);
        servers.get(number).files(group).put(FilePath.of(path), source, Attributes.NONE);
    }

    private void assertEverywhere(RaftGroupId group, String path, String text) {
        for (CountingServer server : servers) {
            server.files(group).awaitLocal(FilePath.of(path), PATIENCE).join();
            assertThat(server.storageRoot(group).resolve(path)).hasContent(text);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (CountingServer server : servers) {
            server.close();
        }
    }

    @Test
    void countsInOneGroupAndReplicatesFilesInTwoOthers() throws Exception {
        start(3);
        RaftGroupId reports = addFiles();
        RaftGroupId images = addFiles();

        servers.get(0).count();
        put(0, reports, "same/path", "a report");
        put(1, images, "same/path", "an image");
        assertThat(servers.get(2).count()).isEqualTo(2);

        assertEverywhere(reports, "same/path", "a report");
        assertEverywhere(images, "same/path", "an image");
        for (CountingServer server : servers) {
            await().atMost(PATIENCE).until(() -> server.counted() == 2);
            assertThat(server.files(reports).list("", null, 10)).hasSize(1);
            assertThat(server.files(images).list("", null, 10)).hasSize(1);
        }
    }

    @Test
    void replicatesAfterARestartWithTheGroupsItHad() throws Exception {
        start(2);
        RaftGroupId files = addFiles();
        put(0, files, "before", "before");
        assertEverywhere(files, "before", "before");

        servers.get(1).close();
        servers.set(1, open(1, List.of(files)));
        servers.get(1).start();

        put(0, files, "after", "after");
        assertEverywhere(files, "after", "after");
        assertEverywhere(files, "before", "before");
    }

    @Test
    void aGroupThatIsRemovedGivesItsStorageBackAndAnswersNobody() throws Exception {
        start(2);
        RaftGroupId gone = addFiles();
        RaftGroupId stays = addFiles();
        put(0, gone, "kept on disk", "1");
        put(0, stays, "stays", "1");
        assertEverywhere(gone, "kept on disk", "1");
        assertThat(hello(0, gone, 1)).as("a session of the group to be removed").isNotNull();
        CountingServer remover = servers.get(1);
        FileReplicationPlugin plugin = remover.plugin();
        assertThat(hasMetrics(1, gone)).isTrue();

        remover.removeFiles(gone);

        assertThatThrownBy(() -> hello(0, gone, 1))
                .as("a member that knows the secret, at the server without the group")
                .isInstanceOf(UnreachableException.class);
        assertThat(hello(0, stays, 1)).as("a session of the other group").isNotNull();
        assertThat(hello(1, gone, 0))
                .as("a session at the server that has the group still")
                .isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plugin.files(gone))
                .withMessageContaining("not added");
        // What it had is free again for whoever comes next, and what it had on disk is still there.
        plugin.addGroup(GroupSettings.of(gone, remover.storageRoot(gone)));
        plugin.removeGroup(gone);
        assertThat(hasMetrics(1, gone)).isFalse();
        assertThat(hasMetrics(1, stays)).isTrue();
        assertThat(hasMetrics(0, gone)).as("on the other server").isTrue();
        assertThat(remover.storageRoot(gone).resolve("kept on disk")).hasContent("1");
        // Groups beside it never noticed.
        put(1, stays, "later", "2");
        assertEverywhere(stays, "later", "2");
    }

    /** What server {@code asked} says when {@code asking}, a member that knows the secret, wants files of {@code group}. */
    private ClientSession hello(int asking, RaftGroupId group, int asked) throws Exception {
        NodeId self = NodeId.of(peers.get(asking).getId().toString());
        return new Hello(self, ClusterSecrets.of("test", SECRET), new Parameters()).sayTo(peers.get(asked), group);
    }

    private boolean hasMetrics(int number, RaftGroupId group) {
        String member = peers.get(number).getId() + "@" + group;
        return MetricRegistries.global().getMetricRegistryInfos().stream()
                .anyMatch(info -> info.getApplicationName().equals(GroupMetrics.APPLICATION)
                        && info.getPrefix().equals(member));
    }

    /** Removed where it is led, too: the others elect another leader, and whoever asks finds it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGroupThatWasRemovedCanBeAddedAgain(boolean whereItIsLed) throws Exception {
        start(3);
        RaftGroupId files = addFiles();
        put(0, files, "one", "1");
        assertEverywhere(files, "one", "1");
        int away = numberOfOne(whereItIsLed, files);
        int stays = (away + 1) % servers.size();
        servers.get(away).removeFiles(files);
        put(stays, files, "two", "2");

        servers.get(away).addFiles(RaftGroup.valueOf(files, peers));

        assertEverywhere(files, "one", "1");
        assertEverywhere(files, "two", "2");
        put(away, files, "three", "3");
        assertEverywhere(files, "three", "3");
    }

    private int numberOfOne(boolean leading, RaftGroupId group) {
        int leader = await("somebody leads").atMost(PATIENCE).until(() -> leader(group), found -> found >= 0);
        return leading ? leader : (leader + 1) % servers.size();
    }

    private int leader(RaftGroupId group) throws Exception {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).server().getDivision(group).getInfo().isLeader()) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void refusesAGroupTwiceAndStorageInsideAnothers() throws Exception {
        start(1);
        RaftGroupId files = addFiles();
        CountingServer server = servers.get(0);
        FileReplicationPlugin plugin = server.plugin();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> plugin.addGroup(GroupSettings.of(files, directory.resolve("elsewhere"))))
                .withMessageContaining("added twice");
        Path inside = server.storageRoot(files).resolve("inside");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plugin.addGroup(GroupSettings.of(RaftGroupId.randomId(), inside)))
                .withMessageContaining(inside.toString())
                .withMessageContaining("inside one another");
        plugin.close();
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> plugin.addGroup(GroupSettings.of(RaftGroupId.randomId(), directory.resolve("elsewhere"))))
                .withMessageContaining("closed");
    }

    /** The order of closing does not matter: server first, plugin first, twice, before the start. */
    @Test
    void closesInAnyOrder() throws Exception {
        start(1);
        RaftGroupId files = addFiles();
        put(0, files, "a", "1");
        CountingServer server = servers.get(0);
        server.server().close();
        server.plugin().close();
        server.plugin().close();
        server.server().close();

        servers.set(0, open(0, List.of(files)));
        servers.get(0).start();
        servers.get(0).plugin().close();
        assertThatThrownBy(() -> put(0, files, "b", "2")).isInstanceOf(IllegalArgumentException.class);
        // The server goes on without files.
        assertThat(servers.get(0).count()).isEqualTo(1);
        servers.get(0).server().close();

        servers.set(0, open(0, List.of(files)));
        servers.get(0).start();
        assertEverywhere(files, "a", "1");
        servers.get(0).close();

        servers.set(0, open(0, List.of(files)));
        servers.get(0).close();
    }
}
