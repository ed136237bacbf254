package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestClusterIT.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.client.ManifestClient;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.client.ProposalRefusedException;
import io.filereplication.client.RaftTransport;
import io.filereplication.cluster.ManifestCluster;
import io.filereplication.cluster.ManifestNode;
import io.filereplication.time.ThreadScheduler;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Builds of different age in one cluster, several groups in one server, and reads through Raft. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ManifestGroupsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final ThreadScheduler scheduler = new ThreadScheduler("manifest-it", 4);
    /** The newest format that the next state machines know. */
    private final AtomicInteger build = new AtomicInteger(1);

    private ManifestCluster cluster;

    @AfterEach
    void stopCluster() throws Exception {
        cluster.close();
        scheduler.close();
    }

    /** Answers who leads. */
    private int start(int size) throws Exception {
        cluster = new ManifestCluster(
                directory,
                size,
                ManifestCluster.properties(20),
                group -> new ManifestStateMachine(
                        new Manifest(group, build.get(), Answers.CAPACITY), StateMachineObserver.NONE));
        cluster.start();
        return await().atMost(PATIENCE).until(() -> cluster.leader(), leader -> leader >= 0);
    }

    private ManifestClient client() {
        return cluster.remoteClient(scheduler, ManifestClientSettings.defaults());
    }

    /** Lesson 38, in a rolling upgrade that forgot a node. */
    @Test
    void anOldNodeStopsBeforeTheNewFormatAndGoesOnThereAfterItsUpgrade() throws Exception {
        build.set(2);
        int old = (start(3) + 1) % 3;
        cluster.node(old).stop();
        build.set(1);
        cluster.start();
        ManifestClient client = client();
        client.submit(register("before")).join();
        await().atMost(PATIENCE).until(() -> cluster.manifest(old).count() == 1);

        try (RaftClient raft = cluster.raftClient()) {
            assertThat(raft.io()
                            .send(Message.valueOf(Proposals.encodeEnableFormat(2)))
                            .isSuccess())
                    .isTrue();
        }
        client.submit(register("after")).join();
        await().atMost(PATIENCE).until(() -> cluster.manifest(old).stopped() != null);
        StoppedBefore reason = cluster.manifest(old).stopped();
        assertThat(reason.neededFormat()).isEqualTo(2);
        assertThat(cluster.manifest(old).appliedIndex()).isLessThan(reason.index());
        assertThat(cluster.manifest(old).get(FilePath.of("after"))).isNull();
        for (int i = 0; i < 50; i++) {
            client.submit(register("more-" + i)).join();
        }
        assertThat(cluster.node(old).stateMachine(cluster.group()).snapshotIndex())
                .isLessThan(reason.index());

        cluster.node(old).stop();
        build.set(2);
        cluster.start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cluster.manifest(old).count()).isEqualTo(52));
        assertThat(cluster.manifest(old).stopped()).isNull();
        assertThat(cluster.manifest(old).statistics().enabledFormat()).isEqualTo(2);
    }

    @Test
    void aBadProposalNeverReachesTheLog() throws Exception {
        start(1);
        try (RaftTransport transport =
                RaftTransport.open(cluster.raftGroup(), ManifestCluster.properties(20), new Parameters())) {
            assertThatThrownBy(() -> transport
                            .propose(ByteString.copyFromUtf8("garbage"))
                            .join())
                    .hasRootCauseInstanceOf(InvalidProposalException.class);
        }
        assertThat(client().submit(register("good")).join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(cluster.manifest(0).statistics().unreadableEntries()).isZero();
        assertThat(ProposalRefusedException.class).isFinal();
    }

    @Test
    void readsAreLinearizableOrAsOldAsTheySay() throws Exception {
        start(3);
        ManifestClient client = client();
        OperationResult written = client.submit(register("db/a")).join();
        assertThat(client.find(FilePath.of("db/a")).join().entries()).hasSize(1);
        assertThat(client.page("db/", null, 10).join().entries()).hasSize(1);
        assertThat(client.summary().join().count()).isEqualTo(1);

        try (RaftClient raft = cluster.raftClient()) {
            for (ManifestNode node : cluster.nodes()) {
                // Waits at a follower until it has come there.
                var reply = raft.io()
                        .sendStaleRead(
                                Message.valueOf(Queries.path(FilePath.of("db/a"))),
                                written.lsn().index(),
                                node.peer().getId());
                assertThat(Queries.decode(reply.getMessage().getContent()).entries())
                        .hasSize(1);
            }
        }
    }

    @Test
    void groupsOfOneServerHaveManifestsOfTheirOwnAndComeAndGo() throws Exception {
        start(1);
        client().submit(register("in-the-first")).join();
        GroupId second = new GroupId(UUID.randomUUID());
        ManifestNode node = cluster.node(0);
        RaftGroup group = RaftGroup.valueOf(RaftGroupId.valueOf(second.value()), node.peer());
        try (RaftClient raft = RaftClient.newBuilder()
                        .setRaftGroup(group)
                        .setProperties(ManifestCluster.properties(20))
                        .build();
                ManifestClient client = new ManifestClient(
                        RaftTransport.open(group, ManifestCluster.properties(20), new Parameters()),
                        null,
                        new SecureRandom(),
                        scheduler,
                        ManifestClientSettings.defaults())) {
            assertThat(raft.getGroupManagementApi(node.peer().getId())
                            .add(group)
                            .isSuccess())
                    .isTrue();
            client.submit(register("in-the-second")).join();
            Manifest its = node.stateMachine(second).manifest();
            assertThat(its.get(FilePath.of("in-the-second"))).isNotNull();
            assertThat(its.get(FilePath.of("in-the-first"))).isNull();
            assertThat(cluster.manifest(0).get(FilePath.of("in-the-second"))).isNull();

            assertThat(raft.getGroupManagementApi(node.peer().getId())
                            .remove(group.getGroupId(), true, false)
                            .isSuccess())
                    .isTrue();
            await().atMost(PATIENCE).until(() -> !its.isSettled());
            assertThat(cluster.manifest(0).count()).isEqualTo(1);
        }
    }
}
