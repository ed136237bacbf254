package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a snapshot that was written here is answered as taken. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BackgroundSnapshotTest {
    private static final long TERM = 1;

    @TempDir
    Path directory;

    private final Manifest manifest = new Manifest(ManifestFixture.GROUP);
    private final CountDownLatch durable = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final BackgroundSnapshot snapshots =
            new BackgroundSnapshot("test-snapshot", manifest::log, index -> holdTheWriter());
    private RaftStorage storage;

    /** The snapshot is durable, and its writer has not ended. */
    private void holdTheWriter() {
        durable.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @BeforeEach
    void open() throws Exception {
        storage = RaftStorage.newBuilder()
                .setDirectory(directory.toFile())
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStorageFreeSpaceMin(SizeInBytes.ZERO)
                .build();
        storage.initialize();
        snapshots.files().init(storage);
        ManifestFixture log = new ManifestFixture(manifest);
        log.apply(register("a", "1"));
        log.apply(register("b", "2"));
    }

    @AfterEach
    void close() throws Exception {
        goOn.countDown();
        snapshots.close();
        storage.close();
    }

    @Test
    void isAnsweredOnceItIsDurable() throws Exception {
        long index = manifest.appliedIndex();
        assertThat(snapshots.takeOrBegin(manifest, TERM)).isNegative();
        durable.await();

        assertThat(snapshots.unreportedIndex()).isEqualTo(index);
        assertThat(snapshots.takeOrBegin(manifest, TERM)).isEqualTo(index);
        assertThat(snapshots.unreportedIndex()).isNegative();
        assertThat(snapshots.newestIndex()).isEqualTo(index);
    }

    /** Ratis would take it for a step back, and end the group on this server. */
    @Test
    void isNeverAnsweredWhenTheLeadersTookItsPlaceBeforeThat() throws Exception {
        long leaders = manifest.appliedIndex() + 1_000;
        assertThat(snapshots.takeOrBegin(manifest, TERM)).isNegative();
        durable.await();

        snapshots.abandon();
        snapshots.found(leaders);

        assertThat(snapshots.unreportedIndex()).isNegative();
        assertThat(snapshots.takeOrBegin(manifest, TERM)).isEqualTo(leaders);
        assertThat(snapshots.newestIndex()).isEqualTo(leaders);
    }
}
