package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.log.NodeLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with many files starts by reading its records, once, and nothing else. With {@code -Dstart.records=1000000} this is how the
 * figure in docs/performance.md is measured.
 */
final class RecordedFilesStartTest {
    private static final int RECORDS = Integer.getInteger("start.records", 20_000);

    @TempDir
    Path root;

    /** Counts what is asked of it. */
    private static final class Counting extends ForwardingStorage {
        private final List<String> publishedAsked = new ArrayList<>();
        private int ownOpened;

        Counting(StorageBackend to) {
            super(to);
        }

        @Override
        public FileStamp stamp(FilePath path) throws StorageException {
            publishedAsked.add("stamp " + path);
            return super.stamp(path);
        }

        @Override
        public ReadHandle open(FilePath path) throws StorageException {
            publishedAsked.add("open " + path);
            return super.open(path);
        }

        @Override
        public ReadHandle openOwn(OwnName name) throws StorageException {
            ownOpened++;
            return super.openOwn(name);
        }
    }

    private static FilePath path(int number) {
        return FilePath.of(String.format(
                "databases/metrics/measurements/cpu/year=2026/month=11/day=%02d/part-%08d.parquet",
                number % 30, number));
    }

    private static LocalRecord record(int number) {
        byte[] digest =
                Sha256.newDigest().digest(new byte[] {(byte) number, (byte) (number >> 8), (byte) (number >> 16)});
        long size = number % 10 == 0 ? 10 * PrefixDigests.CHUNK_BYTES : 100_000;
        return new LocalRecord(
                new FileVersion(path(number), new Lsn(number, 0)),
                Sha256.of(digest),
                new FileStamp(size, number, number));
    }

    private void write(Fixture fixture) throws StorageException {
        try (LocalStorage storage = LocalStorage.open(root)) {
            RecordStore store = RecordStore.open(
                    storage, Fixture.GROUP, fixture.scheduler, NodeLog.of(Fixture.GROUP, fixture.scheduler));
            for (int i = 0; i < RECORDS; i++) {
                store.note(new Change.Recorded(record(i), false));
            }
            store.close();
        }
    }

    @Test
    void looksAtNoPublishedFileAndOpensItsOwnOnce() throws Exception {
        Fixture fixture = new Fixture();
        write(fixture);
        Counting storage = new Counting(LocalStorage.open(root));
        int recordFiles = storage.ownNames(StorageBackend.Area.RECORDS).size();

        long began = System.nanoTime();
        long cpuBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try (RecordedFiles files = fixture.open(storage)) {
            long took = System.nanoTime() - began;
            long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBefore;
            System.out.printf(
                    "start with %,d records: %d ms, %d ms of processor%n",
                    RECORDS,
                    Duration.ofNanos(took).toMillis(),
                    Duration.ofNanos(cpu).toMillis());

            assertThat(storage.publishedAsked).isEmpty();
            assertThat(storage.ownOpened).isLessThanOrEqualTo(recordFiles);
            assertThat(files.records(record(RECORDS - 1).version())).isTrue();
            assertThat(files.page(null, 1)).hasSize(1);
        }
    }
}
