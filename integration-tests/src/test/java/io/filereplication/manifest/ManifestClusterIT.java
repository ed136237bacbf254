package io.filereplication.manifest;

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
import io.filereplication.client.ManifestClient;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.cluster.ManifestCluster;
import io.filereplication.cluster.ManifestNode;
import io.filereplication.time.ThreadScheduler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The manifest in real clusters: snapshots that are installed, leaders that change, nodes that come and go. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ManifestClusterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long SNAPSHOT_EVERY = 20;
    /** More entries than this take no snapshot and no purge to come, however slow the writer is: there is none. */
    private static final int MOST_UNTIL_PURGED = 5_000;

    @TempDir
    Path directory;

    private final ThreadScheduler scheduler = new ThreadScheduler("manifest-it", 4);
    private final Map<Manifest, AtomicInteger> replacedBy = new ConcurrentHashMap<>();
    private ManifestCluster cluster;

    @BeforeEach
    void startCluster() throws Exception {
        cluster = new ManifestCluster(
                directory, 3, ManifestCluster.properties(SNAPSHOT_EVERY), this::listenedStateMachine);
        cluster.start();
    }

    @AfterEach
    void stopCluster() throws Exception {
        cluster.close();
        scheduler.close();
    }

    private ManifestStateMachine listenedStateMachine(GroupId group) {
        ManifestStateMachine made = ManifestNode.plain(group);
        AtomicInteger count = new AtomicInteger();
        replacedBy.put(made.manifest(), count);
        made.manifest().addListener(new ManifestListener() {
            @Override
            public void registered(FileEntry entry) {}

            @Override
            public void deleted(FileEntry removed, Lsn at) {}

            @Override
            public void replaced(ManifestDifference difference) {
                count.incrementAndGet();
            }
        });
        return made;
    }

    private int replaced(int node) {
        return replacedBy.get(cluster.manifest(node)).get();
    }

    static Operation register(String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        return Operation.register(new Operation.Content(
                FilePath.of(path),
                Sha256.of(Sha256.newDigest().digest(text)),
                text.length,
                NodeId.of("n1"),
                Instant.ofEpochMilli(1),
                Attributes.NONE));
    }

    private ManifestClient client(int node) {
        return cluster.client(node, scheduler, ManifestClientSettings.defaults());
    }

    /** One log entry for each file. */
    private static void registerEach(ManifestClient client, String prefix, int from, int to) {
        for (int i = from; i < to; i++) {
            assertThat(client.submit(register(prefix + i)).join().status()).isEqualTo(OperationStatus.REGISTERED);
        }
    }

    /**
     * One log entry for each file, until none of {@code holders} has the entries any more that the group's log has now: whoever
     * is as far as that, or not so far, can go on with a snapshot only.
     *
     * @return how many were registered
     */
    private int registerUntilPurged(ManifestClient client, String prefix, int... holders) throws Exception {
        long last = -1;
        for (int holder : holders) {
            last = Math.max(last, cluster.division(holder).getRaftLog().getNextIndex() - 1);
        }
        int registered = 0;
        while (!haveOnlyNewer(last, holders)) {
            assertThat(registered).as("entries without a purge").isLessThan(MOST_UNTIL_PURGED);
            registerEach(client, prefix, registered, registered + (int) SNAPSHOT_EVERY);
            registered += (int) SNAPSHOT_EVERY;
        }
        return registered;
    }

    private boolean haveOnlyNewer(long index, int... holders) throws Exception {
        for (int holder : holders) {
            // The first that an appender could send; the entry before it is in the snapshot.
            if (cluster.division(holder).getRaftLog().getStartIndex() <= index + 1) {
                return false;
            }
        }
        return true;
    }

    private void awaitSame(int first, int second) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(all(second)).isEqualTo(all(first)));
    }

    /** The same, when {@code second} has it by a snapshot of the leader, of which it has told everybody. */
    private void awaitSameBySnapshot(int first, int second) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(all(second)).isEqualTo(all(first));
            assertThat(cluster.node(second).stateMachine(cluster.group()).installedSnapshotIndex())
                    .isPositive();
            // After what is new was seen: settled again only when listeners have heard of it.
            assertThat(cluster.manifest(second).isSettled()).isTrue();
        });
    }

    private List<FileEntry> all(int node) {
        return cluster.manifest(node).page(null, Manifest.MAX_PAGE);
    }

    private void assertNothingWasAppliedBelowTheInstalledSnapshot(int node) {
        ManifestStatistics seen = cluster.manifest(node).statistics();
        assertThat(cluster.node(node).stateMachine(cluster.group()).installedSnapshotIndex())
                .isPositive()
                .isEqualTo(seen.loadedSnapshotIndex());
        if (seen.firstAppliedIndexAfterLoad() >= 0) {
            assertThat(seen.firstAppliedIndexAfterLoad()).isGreaterThan(seen.loadedSnapshotIndex());
        }
    }

    private int awaitLeader() {
        return await().atMost(PATIENCE).until(() -> cluster.leader(), leader -> leader >= 0);
    }

    private int follower() {
        return (awaitLeader() + 1) % 3;
    }

    /** Lesson 9: what a snapshot brings is never applied one by one, so the listener has to hear of the whole. */
    @Test
    void aNodeThatWasAwayGetsASnapshotAndSaysThatItsManifestWasReplaced() throws Exception {
        int away = follower();
        int present = (away + 1) % 3;
        ManifestClient client = client(present);
        registerEach(client, "before-", 0, 5);
        cluster.node(away).stop();
        client.submit(Operation.delete(FilePath.of("before-0"), "test")).join();
        registerUntilPurged(client, "during-", present, (away + 2) % 3);

        cluster.start();
        awaitSameBySnapshot(present, away);
        assertNothingWasAppliedBelowTheInstalledSnapshot(away);
        assertThat(replaced(away)).isEqualTo(1);

        registerEach(client, "after-", 0, 5);
        awaitSame(present, away);
    }

    /** Lesson 9, on a node that runs all the time. */
    @Test
    void aRunningFollowerThatFellBehindGetsASnapshot() throws Exception {
        int behind = follower();
        int ahead = (behind + 1) % 3;
        ManifestClient client = client(ahead);
        registerEach(client, "before-", 0, 5);
        awaitSame(ahead, behind);
        String cut = cluster.node(behind).peer().getId().toString();
        CodeInjectionForTesting.Code dropForIt = (local, remote, arguments) -> {
            boolean its = cut.equals(String.valueOf(local)) || cut.equals(String.valueOf(remote));
            if (its) {
                throw new IllegalStateException("cut off on purpose");
            }
            return false;
        };
        CodeInjectionForTesting.put("RaftServerImpl.appendEntries", dropForIt);
        CodeInjectionForTesting.put("RaftServerImpl.requestVote", dropForIt);
        CodeInjectionForTesting.put("RaftServerImpl.installSnapshot", dropForIt);
        try {
            registerUntilPurged(client, "during-", ahead, (behind + 2) % 3);
        } finally {
            CodeInjectionForTesting.remove("RaftServerImpl.appendEntries");
            CodeInjectionForTesting.remove("RaftServerImpl.requestVote");
            CodeInjectionForTesting.remove("RaftServerImpl.installSnapshot");
        }
        awaitSameBySnapshot(ahead, behind);
        assertNothingWasAppliedBelowTheInstalledSnapshot(behind);
        assertThat(replaced(behind)).isEqualTo(1);
    }

    @Test
    void aNewPeerBeginsWithASnapshot() throws Exception {
        registerUntilPurged(client(0), "file-", 0, 1, 2);
        ManifestNode fresh = cluster.newNode("n4");
        fresh.start(null);
        joinGroup(fresh);

        List<ManifestNode> members = new ArrayList<>(cluster.nodes());
        cluster.setMembers(members);
        awaitSameBySnapshot(0, 3);
        assertNothingWasAppliedBelowTheInstalledSnapshot(3);
        assertThat(replaced(3)).isEqualTo(1);
    }

    private void joinGroup(ManifestNode node) throws Exception {
        try (var raft = cluster.raftClient()) {
            var empty = org.apache.ratis.protocol.RaftGroup.valueOf(
                    cluster.raftGroup().getGroupId());
            try (var own = org.apache.ratis.client.RaftClient.newBuilder()
                    .setRaftGroup(org.apache.ratis.protocol.RaftGroup.valueOf(
                            cluster.raftGroup().getGroupId(), node.peer()))
                    .setProperties(ManifestCluster.properties(SNAPSHOT_EVERY))
                    .build()) {
                assertThat(own.getGroupManagementApi(node.peer().getId())
                                .add(empty)
                                .isSuccess())
                        .isTrue();
            }
        }
    }

    @Test
    void aWipedNodeRejoinsUnderANewId() throws Exception {
        int lost = follower();
        int kept = (lost + 1) % 3;
        registerUntilPurged(client(kept), "file-", 0, 1, 2);
        cluster.node(lost).stop();
        cluster.node(lost).wipe();

        ManifestNode fresh = cluster.newNode("n4");
        fresh.start(null);
        joinGroup(fresh);
        cluster.setMembers(List.of(cluster.node(kept), cluster.node((lost + 2) % 3), fresh));
        awaitSameBySnapshot(kept, 3);
        assertNothingWasAppliedBelowTheInstalledSnapshot(3);
    }

    /** Settings with which no call ends without an answer before {@code elections} are over. */
    private static ManifestClientSettings waitingOut(Duration elections) {
        ManifestClientSettings usual = ManifestClientSettings.defaults();
        return new ManifestClientSettings(
                usual.maxPendingOperations(),
                usual.maxPendingBytes(),
                usual.maxEntryOperations(),
                usual.maxEntryBytes(),
                elections,
                usual.firstPause(),
                usual.longestPause());
    }

    /** Lesson 8: a proposal that found no leader is repeated until it is answered, and is never done twice. */
    @Test
    void registrationsSurviveChangesOfTheLeader() throws Exception {
        ManifestClient client = cluster.remoteClient(scheduler, waitingOut(PATIENCE.multipliedBy(3)));
        List<CompletableFuture<OperationResult>> answers = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 200; i++) {
                // The same path again and again: a doubled or reordered registration shows in the versions.
                answers.add(client.submit(register("path-" + (i % 10) + "/v" + round + "-" + i)));
            }
            cluster.node(awaitLeader()).stop();
            answers.add(client.submit(register("while-leaderless-" + round)));
            cluster.start();
        }
        Lsn last = new Lsn(0, 0);
        for (CompletableFuture<OperationResult> answer : answers) {
            OperationResult result = answer.get(60, TimeUnit.SECONDS);
            assertThat(result.status()).isEqualTo(OperationStatus.REGISTERED);
            assertThat(result.lsn()).isGreaterThan(last);
            last = result.lsn();
        }
        for (int node = 0; node < 3; node++) {
            int number = node;
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(cluster.manifest(number).count()).isEqualTo(answers.size()));
        }
    }

    @Test
    void aRestartedNodeReplaysFromItsSnapshot() throws Exception {
        int again = follower();
        int other = (again + 1) % 3;
        ManifestClient client = client(other);
        registerEach(client, "file-", 0, 50);
        awaitSame(other, again);
        await().atMost(PATIENCE)
                .until(() -> cluster.node(again).stateMachine(cluster.group()).snapshotIndex() > 0);
        cluster.node(again).stop();
        cluster.start();
        awaitSame(other, again);

        ManifestStatistics seen = cluster.manifest(again).statistics();
        assertThat(seen.loadedSnapshotIndex()).isPositive();
        if (seen.firstAppliedIndex() >= 0) {
            assertThat(seen.firstAppliedIndex()).isGreaterThan(seen.loadedSnapshotIndex());
        }
        assertThat(replaced(again)).isZero();
        assertThat(cluster.node(again).stateMachine(cluster.group()).installedSnapshotIndex())
                .isEqualTo(-1);
    }
}
