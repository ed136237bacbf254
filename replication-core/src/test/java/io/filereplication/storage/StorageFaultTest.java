package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.FaultyStorage.Fault;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at every single call, and goes on afterwards: so does the node. */
final class StorageFaultTest {
    private static final byte[] BEFORE = bytes(PrefixDigests.CHUNK_BYTES + 5, 1);
    private static final byte[] AFTER = bytes(PrefixDigests.CHUNK_BYTES + 5, 2);
    private static final FilePath A = FilePath.of("d/a");
    private static final FileEntry FIRST = entry("d/a", BEFORE, 1);
    private static final FileEntry SECOND = entry("d/a", AFTER, 2);

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aReplacementConvergesAfterAnyError(Fault fault) throws Exception {
        boolean failed = true;
        for (long call = 1; failed; call++) {
            Fixture fixture = new Fixture();
            MemoryStorage memory = new MemoryStorage();
            FaultyStorage storage = new FaultyStorage(memory);
            LocalFiles files = fixture.open(storage);
            fixture.pull(files, FIRST, BEFORE);
            fixture.manifest.register(SECOND);
            storage.failAt(fault, call);
            failed = fails(() -> fixture.publish(files, SECOND, AFTER));
            storage.heal();

            byte[] content = memory.published().get(A);
            assertThat(Arrays.equals(content, BEFORE) || Arrays.equals(content, AFTER))
                    .isTrue();
            if (files.presence(SECOND) == Presence.UNVERIFIED) {
                files.verify(SECOND, 0);
            }
            if (files.presence(SECOND) == Presence.ABSENT) {
                fixture.publish(files, SECOND, AFTER);
            }
            assertThat(files.presence(SECOND)).isEqualTo(Presence.HERE);
            assertThat(memory.published().get(A)).isEqualTo(AFTER);
            files.close();
            memory.assertNothingOpen();
            LocalFiles again = fixture.open(memory.crash());
            assertThat(again.presence(SECOND))
                    .as("fault %s at call %s", fault, call)
                    .isEqualTo(Presence.HERE);
            again.close();
        }
    }

    /** Of files that are published together, what fails one does not fail another, and nothing is half done. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void filesPublishedTogetherConvergeAfterAnyError(Fault fault) throws Exception {
        FileEntry other = entry("n/b", bytes(100, 4), 3);
        boolean failed = true;
        for (long call = 1; failed; call++) {
            Fixture fixture = new Fixture();
            MemoryStorage memory = new MemoryStorage();
            FaultyStorage storage = new FaultyStorage(memory);
            LocalFiles files = fixture.open(storage);
            fixture.pull(files, FIRST, BEFORE);
            fixture.manifest.register(SECOND);
            fixture.manifest.register(other);
            List<LocalFiles.Whole> whole = List.of(staged(files, SECOND, AFTER), staged(files, other, bytes(100, 4)));
            storage.failAt(fault, call);
            failed = files.publishAll(whole, fixture.manifest).stream()
                    .anyMatch(outcome -> outcome instanceof LocalFiles.Outcome.Failed);
            storage.heal();

            assertThat(memory.published().get(A)).isIn(BEFORE, AFTER);
            if (files.presence(SECOND) != Presence.HERE) {
                fixture.publish(files, SECOND, AFTER);
            }
            if (files.presence(other) != Presence.HERE) {
                fixture.publish(files, other, bytes(100, 4));
            }
            files.close();
            memory.assertNothingOpen();
            LocalFiles again = fixture.open(memory.crash());
            assertThat(again.presence(SECOND))
                    .as("fault %s at call %s", fault, call)
                    .isEqualTo(Presence.HERE);
            assertThat(again.presence(other))
                    .as("fault %s at call %s", fault, call)
                    .isEqualTo(Presence.HERE);
            again.close();
        }
    }

    private static LocalFiles.Whole staged(LocalFiles files, FileEntry entry, byte[] content) throws StorageException {
        StagedFile staged = files.stage(entry);
        staged.append(ByteBuffer.wrap(content));
        return new LocalFiles.Whole(staged, Fixture.digests(content), entry);
    }

    /** What nothing explains is kept once, however often its replacement fails, and the name is never empty. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void replacingWhatNothingExplainsConvergesAfterAnyError(Fault fault) throws Exception {
        byte[] foreign = bytes(7, 3);
        boolean failed = true;
        for (long call = 1; failed; call++) {
            Fixture fixture = new Fixture();
            MemoryStorage memory = new MemoryStorage();
            memory.placeForeign(A, foreign);
            FaultyStorage storage = new FaultyStorage(memory);
            LocalFiles files = fixture.open(storage);
            files.barrierPassed(0);
            fixture.manifest.register(FIRST);
            storage.failAt(fault, call);
            failed = fails(() -> fixture.publish(files, FIRST, BEFORE));
            storage.heal();

            byte[] content = memory.published().get(A);
            boolean replaced = Arrays.equals(content, BEFORE);
            assertThat(replaced || Arrays.equals(content, foreign)).isTrue();
            assertThat(memory.ownNames(Area.TRASH))
                    .as("fault %s at call %s", fault, call)
                    .hasSize(replaced ? 2 : 0);
            if (files.presence(FIRST) != Presence.HERE) {
                fixture.publish(files, FIRST, BEFORE);
            }
            assertThat(memory.published().get(A)).isEqualTo(BEFORE);
            assertThat(memory.ownNames(Area.TRASH)).hasSize(2);
            files.close();
            memory.assertNothingOpen();
        }
    }

    /** A try that failed leaves no name behind that nothing ever lies under. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void aMoveToTheTrashLeavesThereWhatItMovedOrNothing(Fault fault) throws Exception {
        for (Disposal disposal : List.of(Disposal.TRASH, Disposal.DELETE)) {
            boolean failed = true;
            for (long call = 1; failed; call++) {
                Fixture fixture = new Fixture();
                MemoryStorage memory = new MemoryStorage();
                FaultyStorage storage = new FaultyStorage(memory);
                LocalFiles files = fixture.openAfterAnother(storage);
                fixture.pull(files, FIRST, BEFORE);
                fixture.manifest.delete(A, 2);
                storage.failAt(fault, call);
                failed = fails(() -> files.remove(A, new Lsn(2, 0), disposal, fixture.manifest));
                storage.heal();

                assertThat(memory.ownNames(Area.TRASH))
                        .as("fault %s at call %s", fault, call)
                        .hasSize(memory.published().isEmpty() ? 2 : 0);
                assertThat(files.remove(A, new Lsn(2, 0), disposal, fixture.manifest))
                        .isIn(Removal.MOVED, Removal.NOTHING_HERE);
                assertThat(memory.ownNames(Area.TRASH)).hasSize(2);
                files.close();
                memory.assertNothingOpen();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aRemovalConvergesAfterAnyError(Fault fault) throws Exception {
        boolean failed = true;
        for (long call = 1; failed; call++) {
            Fixture fixture = new Fixture();
            MemoryStorage memory = new MemoryStorage();
            FaultyStorage storage = new FaultyStorage(memory);
            LocalFiles files = fixture.open(storage);
            fixture.pull(files, FIRST, BEFORE);
            fixture.manifest.delete(A, 2);
            storage.failAt(fault, call);
            failed = fails(() -> files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest));
            storage.heal();

            assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                    .isIn(Removal.DELETED, Removal.NOTHING_HERE);
            assertThat(memory.published()).isEmpty();
            files.close();
            memory.assertNothingOpen();
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aPutFailsOrIsWhole(Fault fault) throws Exception {
        boolean failed = true;
        for (long call = 1; failed; call++) {
            Fixture fixture = new Fixture();
            MemoryStorage memory = new MemoryStorage();
            FaultyStorage storage = new FaultyStorage(memory);
            LocalFiles files = fixture.open(storage);
            storage.failAt(fault, call);
            failed = fails(() -> {
                try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
                    put.write(ByteBuffer.wrap(AFTER));
                    put.finish(Fixture.CREATED);
                }
            });
            storage.heal();
            files.close();
            memory.assertNothingOpen();
            FileEntry mine = entry("d/a", AFTER, 2, Fixture.SELF);
            LocalFiles again = fixture.open(memory.crash());
            try (StagedFile staged = again.stage(mine)) {
                assertThat(staged.length()).isIn(failed ? 0L : (long) AFTER.length, (long) AFTER.length);
            }
            again.close();
        }
    }

    /** The records go on in a new file once there is room; nothing that was noted before is lost. */
    @Test
    void theRecordsHealAfterAFullDisk() throws Exception {
        Fixture fixture = new Fixture();
        MemoryStorage memory = new MemoryStorage();
        FaultyStorage storage = new FaultyStorage(memory);
        LocalFiles files = fixture.open(storage);
        storage.failWhen(Fault.DISK_FULL, call -> call.startsWith("append records/"));
        assertThatThrownBy(() -> fixture.pull(files, FIRST, BEFORE)).isInstanceOf(StorageFullException.class);
        storage.heal();

        fixture.pull(files, FIRST, BEFORE);

        files.close();
        LocalFiles again = fixture.open(memory.crash());
        assertThat(again.records(FIRST.version())).isTrue();
        again.close();
    }

    private interface Work {
        void run() throws Exception;
    }

    private static boolean fails(Work work) throws Exception {
        try {
            work.run();
            return false;
        } catch (StorageException e) {
            return true;
        }
    }
}
