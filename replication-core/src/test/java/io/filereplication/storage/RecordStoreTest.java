package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import io.filereplication.time.Scheduler;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record log: its bytes, its tails, its group commit and its compaction. */
final class RecordStoreTest {
    private final Fixture.TestScheduler scheduler = new Fixture.TestScheduler();

    private static NodeLog log(Scheduler scheduler) {
        return NodeLog.of(Fixture.GROUP, scheduler);
    }

    private RecordStore open(StorageBackend storage) throws StorageException {
        return RecordStore.open(storage, Fixture.GROUP, scheduler, log(scheduler));
    }

    private static LocalRecord record(String path, long index) {
        FileVersion version = new FileVersion(FilePath.of(path), new Lsn(index, 1));
        return new LocalRecord(version, Sha256.OF_EMPTY, new FileStamp(10, 20, 30));
    }

    private static Change.Recorded recorded(String path, long index) {
        return new Change.Recorded(record(path, index), false);
    }

    private static byte[] own(StorageBackend storage, OwnName name) throws StorageException {
        try (ReadHandle in = Objects.requireNonNull(storage.openOwn(name))) {
            ByteBuffer all = ByteBuffer.allocate((int) in.stamp().sizeBytes());
            while (all.hasRemaining()) {
                assertThat(in.read(all, all.position())).isPositive();
            }
            return all.array();
        }
    }

    private static void write(StorageBackend storage, OwnName name, byte[] bytes) throws StorageException {
        try (WriteHandle out = storage.write(name)) {
            out.truncate(0);
            out.append(ByteBuffer.wrap(bytes));
        }
    }

    private static List<String> paths(RecordStore store) {
        return store.page(null, 1_000).stream()
                .map(record -> record.version().path().value())
                .toList();
    }

    @Test
    void writesTheFormatThatIsDrawn() {
        assertThat(HexFormat.of().formatHex(RecordFormat.header(Fixture.GROUP).array()))
                .startsWith("46525245434f5244" + "00000001" + "11111111222233334444555555555555");
        String frame = HexFormat.of().formatHex(RecordFormat.frame(recorded("a/b", 7)));
        assertThat(frame.substring(16))
                .isEqualTo("01" + "00" + "0003" + "612f62" + "0000000000000007" + "00000001" + Sha256.OF_EMPTY.hex()
                        + "000000000000000a" + "0000000000000014" + "000000000000001e");
        assertThat(frame).startsWith("0000004b");
    }

    /** The kinds are numbers on disk; one that a build takes for another would be a record of something else. */
    @Test
    void everyKindOfFrameHasItsBytes() {
        OwnName name = new OwnName(Area.STAGED, "0a");
        String path = "000161";
        String lsn = "0000000000000003" + "00000001";
        String stamp = "000000000000000a" + "0000000000000014" + "000000000000001e";
        LocalRecord a = record("a", 3);
        assertThat(payload(RecordFormat.frame(new Change.Recorded(a, true))))
                .isEqualTo("01" + "01" + path + lsn + Sha256.OF_EMPTY.hex() + stamp);
        assertThat(payload(RecordFormat.frame(new Change.Forgotten(FilePath.of("a")))))
                .isEqualTo("02" + path);
        assertThat(payload(RecordFormat.frame(new Change.Intended(a, name))))
                .isEqualTo("03" + path + lsn + Sha256.OF_EMPTY.hex() + stamp + "01" + "02" + "3061");
        assertThat(payload(RecordFormat.frame(new Change.Staged(name, a.version()))))
                .isEqualTo("04" + "01" + "02" + "3061" + path + lsn);
        assertThat(payload(RecordFormat.frame(new Change.Dropped(name)))).isEqualTo("05" + "01" + "02" + "3061");
        assertThat(payload(RecordFormat.endFrame(9))).isEqualTo("06" + "0000000000000009");
    }

    private static String payload(byte[] frame) {
        return HexFormat.of().formatHex(frame, RecordFormat.FRAME_HEADER_BYTES, frame.length);
    }

    @Test
    void readsBackEveryKindOfChange() {
        OwnName name = new OwnName(Area.PUTS, "0-a.b");
        FileVersion version = record("p", 3).version();
        for (Change change : List.of(
                new Change.Recorded(record("p", 3), true),
                new Change.Forgotten(version.path()),
                new Change.Intended(record("x/" + "y".repeat(255), Long.MAX_VALUE), name),
                new Change.Staged(name, version),
                new Change.Dropped(name))) {
            RecordFormat.Taken taken = RecordFormat.take(ByteBuffer.wrap(RecordFormat.frame(change)));
            assertThat(Objects.requireNonNull(taken).change()).isEqualTo(change);
        }
    }

    @Test
    void refusesEveryFlippedBitAndEveryTruncation() {
        byte[] frame = RecordFormat.frame(recorded("a/b", 7));
        for (int bit = 0; bit < frame.length * 8; bit++) {
            byte[] flipped = frame.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            RecordFormat.Taken taken = null;
            try {
                taken = RecordFormat.take(ByteBuffer.wrap(flipped));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("frame");
            }
            assertThat(taken).as("bit %s", bit).isNull();
        }
        for (int length = 0; length < frame.length; length++) {
            assertThat(RecordFormat.take(ByteBuffer.wrap(frame, 0, length))).isNull();
        }
    }

    @Test
    void toleratesATornTailAtEveryByte() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        RecordStore store = open(storage);
        store.sync(recorded("a", 1));
        store.sync(recorded("b", 2));
        store.close();
        OwnName log = RecordLog.logName(1);
        byte[] whole = own(storage, log);
        int frame = RecordFormat.frame(recorded("a", 1)).length;
        for (int length = 0; length < whole.length; length++) {
            write(storage, log, Arrays.copyOf(whole, length));
            storage = storage.reopen();
            RecordStore found = open(storage);
            int frames = Math.max(0, length - RecordFormat.HEADER_BYTES) / frame;
            assertThat(paths(found)).isEqualTo(List.of("a", "b").subList(0, frames));
            found.sync(recorded("c", 3));
            found.close();
            storage = storage.reopen();
            RecordStore again = open(storage);
            assertThat(paths(again)).contains("c").hasSize(frames + 1);
            again.close();
            storage.deleteOwn(RecordLog.logName(2));
        }
    }

    /** Lesson 33: records of another group, or of a newer build, are refused and stay as they are. */
    @Test
    void refusesAnotherGroupAndANewerFormat() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        RecordStore store = open(storage);
        store.sync(recorded("a", 1));
        store.close();
        GroupId another = GroupId.of("99999999-2222-3333-4444-555555555555");
        assertThatThrownBy(() -> RecordStore.open(storage, another, scheduler, log(scheduler)))
                .hasMessageContaining(Fixture.GROUP.toString())
                .hasMessageContaining(another.toString());

        OwnName log = RecordLog.logName(1);
        ByteBuffer bytes = ByteBuffer.wrap(own(storage, log));
        bytes.putInt(8, 2);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, RecordFormat.HEADER_BYTES - 4);
        bytes.putInt(RecordFormat.HEADER_BYTES - 4, (int) crc.getValue());
        write(storage, log, bytes.array());
        assertThatThrownBy(() -> open(storage)).hasMessageContaining("format version 2");
        storage.assertNothingOpen();
    }

    @Test
    void compactsToASnapshotAndGoesOn() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        RecordStore store = open(storage);
        OwnName name = new OwnName(Area.STAGED, "s");
        store.note(new Change.Staged(name, record("s", 1).version()));
        store.note(new Change.Intended(record("i", 1), name));
        for (int i = 0; i < 500; i++) {
            store.note(recorded("file-" + i, i));
        }
        store.note(new Change.Forgotten(FilePath.of("file-3")));
        store.compact();
        assertThat(storage.ownNames(Area.RECORDS)).hasSize(1);
        store.sync(recorded("later", 9));
        store.compact();
        store.compact();
        store.sync(recorded("latest", 9));
        store.close();

        storage = storage.crash();
        RecordStore found = open(storage);
        assertThat(paths(found)).hasSize(502).contains("later", "latest", "i").doesNotContain("file-3");
        assertThat(found.intent(FilePath.of("i"))).isNotNull();
        assertThat(found.knows(name)).isTrue();
        found.close();
    }

    @Test
    void compactsByItselfWhenTheLogHasGrown() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        RecordStore store = open(storage);
        String deep = ("d".repeat(250) + "/").repeat(12) + "f";
        for (int i = 0; i < 6_000; i++) {
            store.note(recorded(deep, i));
            store.note(recorded("other", i));
        }
        store.sync(recorded("last", 1));
        assertThat(storage.ownNames(Area.RECORDS))
                .hasSizeLessThanOrEqualTo(2)
                .anyMatch(name -> name.startsWith("snapshot-"));
        store.close();
        RecordStore found = open(storage.crash());
        assertThat(paths(found)).containsExactly(deep, "last", "other");
        found.close();
    }

    @Test
    void aCrashAtAnyStepOfACompactionLosesNothing() throws Exception {
        boolean finished = false;
        for (long step = 1; !finished; step++) {
            MemoryStorage storage = new MemoryStorage();
            RecordStore store = open(storage);
            store.sync(recorded("a", 1));
            store.compact();
            store.sync(recorded("b", 2));
            storage.crashAtStep(storage.steps().size() + step);
            try {
                store.compact();
                finished = true;
            } catch (SimulatedCrash e) {
                assertThat(e).isNotNull();
            }
            storage = storage.crash();
            RecordStore found = open(storage);
            assertThat(paths(found)).containsExactly("a", "b");
            found.sync(recorded("c", 3));
            found.compact();
            found.close();
            RecordStore again = open(storage.crash());
            assertThat(paths(again)).containsExactly("a", "b", "c");
            again.close();
        }
    }

    @Test
    void passesOverASnapshotThatIsNotWhole() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        RecordStore store = open(storage);
        store.sync(recorded("a", 1));
        store.close();
        byte[] log = own(storage, RecordLog.logName(1));
        write(storage, RecordReplay.snapshotName(2), Arrays.copyOf(log, log.length - 1));

        RecordStore found = open(storage.reopen());
        assertThat(paths(found)).containsExactly("a");
        found.close();
    }

    @Test
    void manyThreadsShareAnFsync(@TempDir Path directory) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try (LocalStorage local = LocalStorage.open(directory)) {
            RecordStore store = open(local);
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int number = thread;
                work.add(() -> {
                    for (int i = 0; i < 50; i++) {
                        store.sync(recorded("t" + number + "/" + i, i));
                    }
                    return null;
                });
            }
            for (Future<Void> done : pool.invokeAll(work)) {
                done.get();
            }
            store.close();
            RecordStore found = open(local);
            assertThat(paths(found)).hasSize(400);
            found.close();
        } finally {
            pool.shutdownNow();
        }
    }

    /** A scheduler that is closed first drops the compaction; closing does not wait for it. */
    @Test
    void closesAlthoughAQueuedCompactionNeverRuns() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        Fixture.TestScheduler dropping = new Fixture.TestScheduler() {
            @Override
            public void execute(Runnable task) {}
        };
        RecordStore store = RecordStore.open(storage, Fixture.GROUP, dropping, log(dropping));
        for (int i = 0; i < 6_000; i++) {
            store.note(recorded(("d".repeat(250) + "/").repeat(12) + "f", i));
        }
        store.sync(recorded("last", 1));
        store.close();
        storage.assertNothingOpen();
    }

    @Test
    void refusesChangesAfterClosing() throws Exception {
        RecordStore store = open(new MemoryStorage());
        store.close();
        store.close();
        assertThatThrownBy(() -> store.sync(recorded("a", 1))).hasMessageContaining("closed");
    }
}
