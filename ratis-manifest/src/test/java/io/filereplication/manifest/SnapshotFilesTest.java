package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state machine's life on one disk, without a server: start, snapshot, install, damage. */
class SnapshotFilesTest {
    private static final GroupId GROUP = ManifestFixture.GROUP;
    /** Has a name and can do nothing. */
    private static final RaftServer SERVER = (RaftServer) Proxy.newProxyInstance(
            SnapshotFilesTest.class.getClassLoader(), new Class<?>[] {RaftServer.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("getId")) {
                    return RaftPeerId.valueOf("n1");
                }
                throw new UnsupportedOperationException(method.getName());
            });

    @TempDir
    Path directory;

    private RaftStorage storage;
    private final List<String> told = new ArrayList<>();
    private final List<ManifestStateMachine> opened = new ArrayList<>();

    @BeforeEach
    void openStorage() throws IOException {
        storage = RaftStorage.newBuilder()
                .setDirectory(directory.toFile())
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStorageFreeSpaceMin(SizeInBytes.ZERO)
                .build();
        storage.initialize();
    }

    @AfterEach
    void close() throws IOException {
        for (ManifestStateMachine machine : opened) {
            machine.close();
        }
        storage.close();
    }

    private ManifestStateMachine start() throws IOException {
        ManifestStateMachine machine = new ManifestStateMachine(GROUP, new StateMachineObserver() {
            @Override
            public void initialized(long appliedIndex) {
                told.add("initialized " + appliedIndex);
            }

            @Override
            public void snapshotInstalled(long index) {
                told.add("installed " + index);
            }
        });
        opened.add(machine);
        machine.initialize(SERVER, RaftGroupId.valueOf(GROUP.value()), storage);
        return machine;
    }

    private Path stateMachineDirectory() {
        return storage.getStorageDir().getStateMachineDir().toPath();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(stateMachineDirectory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void logBeginsAt(long index) throws IOException {
        Files.write(
                storage.getStorageDir().getCurrentDir().toPath().resolve("log_inprogress_" + index), new byte[] {1});
    }

    /** A snapshot at {@code index} with as many files. */
    private void writeSnapshot(long term, int index) throws IOException {
        Manifest manifest = new Manifest(GROUP);
        ManifestFixture log = new ManifestFixture(manifest);
        for (int i = 0; i <= index; i++) {
            log.apply(register("file-" + i, "x"));
        }
        SnapshotFiles files = new SnapshotFiles(Runnable::run, manifest::log);
        files.init(storage);
        try (ManifestSnapshot snapshot = manifest.beginSnapshot()) {
            files.write(snapshot, term);
        }
    }

    private void damage(String name) throws IOException {
        Path file = stateMachineDirectory().resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void startsFromNothing() throws Exception {
        ManifestStateMachine machine = start();
        assertThat(machine.manifest().appliedIndex()).isEqualTo(-1);
        assertThat(machine.manifest().isSettled()).isTrue();
        assertThat(machine.getLatestSnapshot()).isNull();
        assertThat(told).containsExactly("initialized -1");
    }

    @Test
    void startsFromTheNewestSnapshot() throws Exception {
        writeSnapshot(1, 3);
        writeSnapshot(2, 7);
        Files.write(stateMachineDirectory().resolve("snapshot.2_9.writing"), new byte[] {1});
        ManifestStateMachine machine = start();
        assertThat(machine.getLastAppliedTermIndex()).isEqualTo(TermIndex.valueOf(2, 7));
        assertThat(machine.manifest().count()).isEqualTo(8);
        assertThat(machine.snapshotIndex()).isEqualTo(7);
        assertThat(names()).containsExactly("snapshot.1_3", "snapshot.2_7");
    }

    @Test
    void usesTheOlderSnapshotWhenTheLogStillCoversTheGap() throws Exception {
        writeSnapshot(1, 3);
        writeSnapshot(1, 7);
        damage("snapshot.1_7");
        logBeginsAt(4);
        ManifestStateMachine machine = start();
        assertThat(machine.getLastAppliedTermIndex()).isEqualTo(TermIndex.valueOf(1, 3));
        assertThat(machine.getLatestSnapshot().getIndex()).isEqualTo(3);
        assertThat(machine.manifest().count()).isEqualTo(4);
    }

    @Test
    void refusesToStartWhenTheLogDoesNotCoverTheGapAndSaysWhatToDo() throws Exception {
        writeSnapshot(1, 3);
        writeSnapshot(1, 7);
        damage("snapshot.1_7");
        logBeginsAt(5);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("begins only at index 5")
                    .hasMessageContaining("new peer id");
        }
    }

    /** Lesson 33: a log without its beginning and without a snapshot is not an empty manifest. */
    @Test
    void refusesToStartWithoutTheSnapshotThatTheLogNeeds() throws Exception {
        logBeginsAt(5);
        assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessageContaining("there is no older one");
    }

    @Test
    void refusesAnotherGroupsState() throws Exception {
        ManifestStateMachine machine = new ManifestStateMachine(new GroupId(new UUID(0, 1)), StateMachineObserver.NONE);
        opened.add(machine);
        assertThatThrownBy(() -> machine.initialize(SERVER, RaftGroupId.valueOf(GROUP.value()), storage))
                .isInstanceOf(IOException.class);
    }

    @Test
    void writesASnapshotThatTheNextStartFinds() throws Exception {
        ManifestStateMachine machine = start();
        ManifestFixture log = new ManifestFixture(machine.manifest());
        log.apply(register("a", "one"));
        // An entry that is not the manifest's tells the state machine term and index.
        machine.notifyTermIndexUpdated(3, 1);
        long taken = -1;
        while (taken < 0) {
            taken = machine.takeSnapshot();
        }
        assertThat(taken).isEqualTo(1);
        assertThat(machine.getLatestSnapshot().getTermIndex()).isEqualTo(TermIndex.valueOf(3, 1));
        machine.close();
        assertThat(start().manifest().get(FilePath.of("a"))).isNotNull();
    }

    /** Ratis answers a request for a snapshot from the latest one, and purges the log only when one is taken. */
    @Test
    void showsASnapshotOnlyAfterItWasAnsweredAsTaken() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        ManifestStateMachine machine = new ManifestStateMachine(GROUP, new StateMachineObserver() {
            @Override
            public void snapshotWritten(long index) {
                written.countDown();
            }
        });
        opened.add(machine);
        machine.initialize(SERVER, RaftGroupId.valueOf(GROUP.value()), storage);
        ManifestFixture log = new ManifestFixture(machine.manifest());
        log.apply(register("file", "x"));
        machine.notifyTermIndexUpdated(1, 20_000);

        assertThat(machine.takeSnapshot()).isEqualTo(-1);
        assertThat(written.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(machine.getLatestSnapshot()).isNull();
        long taken = -1;
        while (taken < 0) {
            taken = machine.takeSnapshot();
        }
        assertThat(taken).isEqualTo(20_000);
        assertThat(machine.getLatestSnapshot().getIndex()).isEqualTo(20_000);
    }

    @Test
    void keepsAsManySnapshotsAsItIsTold() throws Exception {
        writeSnapshot(1, 3);
        writeSnapshot(1, 5);
        writeSnapshot(1, 7);
        ManifestStateMachine machine = start();
        Files.write(stateMachineDirectory().resolve("snapshot.1_2.md5"), new byte[] {1});
        machine.getStateMachineStorage().cleanupOldSnapshots(new SnapshotRetentionPolicy() {
            @Override
            public int getNumSnapshotsRetained() {
                return 2;
            }
        });
        machine.close();
        assertThat(names()).containsExactly("snapshot.1_5", "snapshot.1_7");
    }

    /** Lessons 9 and 31: paused, swapped as one, announced, and settled only again with the new manifest. */
    @Test
    void anInstalledSnapshotTakesThePlaceOfTheManifest() throws Exception {
        ManifestStateMachine machine = start();
        ManifestFixture log = new ManifestFixture(machine.manifest());
        log.apply(register("old", "x"));
        machine.notifyTermIndexUpdated(1, 1);
        ManifestFixture.Heard heard = new ManifestFixture.Heard();
        machine.manifest().addListener(heard);

        machine.pause();
        assertThat(machine.manifest().isSettled()).isFalse();
        assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.PAUSED);
        assertThat(machine.takeSnapshot()).isEqualTo(-1);
        assertThat(machine.manifest().get(FilePath.of("old"))).isNotNull();
        writeSnapshot(2, 7);
        machine.reinitialize();

        assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
        assertThat(machine.manifest().isSettled()).isTrue();
        assertThat(machine.manifest().get(FilePath.of("old"))).isNull();
        assertThat(machine.getLastAppliedTermIndex()).isEqualTo(TermIndex.valueOf(2, 7));
        assertThat(machine.getLatestSnapshot().getIndex()).isEqualTo(7);
        assertThat(machine.installedSnapshotIndex()).isEqualTo(7);
        assertThat(heard.events).containsExactly("replaced");
        assertThat(told).containsExactly("initialized -1", "installed 7");
    }

    /** Ratis also pauses and resumes without an install: what is in memory is newer than any snapshot then. */
    @Test
    void resumesWithWhatItHasWhenNothingWasInstalled() throws Exception {
        writeSnapshot(1, 3);
        ManifestStateMachine machine = start();
        new ManifestFixture(machine.manifest()).apply(register("newer", "x"));
        machine.pause();
        machine.reinitialize();
        assertThat(machine.manifest().get(FilePath.of("newer"))).isNotNull();
        assertThat(machine.manifest().isSettled()).isTrue();
        assertThat(told).containsExactly("initialized 3");
    }

    @Test
    void aDamagedInstallIsRefusedAndTheManifestStaysUnsettled() throws Exception {
        ManifestStateMachine machine = start();
        machine.pause();
        writeSnapshot(2, 7);
        damage("snapshot.2_7");
        assertThatThrownBy(machine::reinitialize)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
        assertThat(machine.manifest().isSettled()).isFalse();
    }

    @Test
    void aStaleReadWaitsForItsIndex() throws Exception {
        ManifestStateMachine machine = start();
        var read = machine.queryStale(Message.valueOf(Queries.summary()), 2);
        machine.notifyTermIndexUpdated(1, 1);
        assertThat(read).isNotDone();
        machine.notifyTermIndexUpdated(1, 2);
        assertThat(Queries.decode(read.join().getContent()).appliedIndex()).isEqualTo(2);
        assertThat(machine.queryStale(Message.valueOf(Queries.summary()), 1)).isCompleted();

        var never = machine.queryStale(Message.valueOf(Queries.summary()), 99);
        machine.close();
        assertThat(never).isCompletedExceptionally();
    }
}
