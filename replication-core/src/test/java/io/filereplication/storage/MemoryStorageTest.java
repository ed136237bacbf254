package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The strict fake keeps the contract, and loses what it must lose. */
final class MemoryStorageTest extends StorageBackendContract {
    private static final OwnName NAME = new OwnName(Area.STAGED, "one");

    @Override
    protected StorageBackend open() {
        return new MemoryStorage();
    }

    @Override
    protected StorageBackend reopen(StorageBackend storage) {
        ((MemoryStorage) storage).assertNothingOpen();
        return ((MemoryStorage) storage).reopen();
    }

    private static void write(MemoryStorage storage, boolean sync) throws StorageException {
        try (WriteHandle out = storage.write(NAME)) {
            out.append(ByteBuffer.wrap(MemoryStorage.utf8("bytes")));
            if (sync) {
                out.sync();
            }
        }
    }

    @Test
    void losesUnsyncedBytesAndUnsyncedNamesApart() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        write(storage, true);
        assertThat(storage.crash().ownNames(Area.STAGED)).isEmpty();

        storage = new MemoryStorage();
        write(storage, false);
        storage.syncNames(Area.STAGED);
        storage = storage.crash();
        assertThat(storage.ownNames(Area.STAGED)).containsExactly("one");
        try (WriteHandle out = storage.write(NAME)) {
            assertThat(out.length()).isZero();
        }
    }

    @Test
    void losesNothingWhenTheProcessIsKilled() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        write(storage, false);
        assertThat(storage.kill().ownNames(Area.STAGED)).containsExactly("one");
    }

    @Test
    void aRenamedFileKeepsItsOldNameUntilTheNewOneIsDurable() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        write(storage, true);
        storage.syncNames(Area.STAGED);
        storage.crashAtStep(storage.steps().size() + 2);
        try {
            storage.commit(NAME, FilePath.of("a"));
        } catch (SimulatedCrash e) {
            assertThat(e).hasMessage("sync-names .");
        }
        storage = storage.crash();
        assertThat(storage.ownNames(Area.STAGED)).containsExactly("one");
        assertThat(storage.published()).isEmpty();
    }
}
