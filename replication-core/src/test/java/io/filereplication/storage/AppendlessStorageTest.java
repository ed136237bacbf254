package io.filereplication.storage;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The contract for a storage that cannot continue staged bytes. */
final class AppendlessStorageTest extends StorageBackendContract {
    private final Map<StorageBackend, MemoryStorage> behind = new ConcurrentHashMap<>();

    @Override
    protected StorageBackend open() {
        return over(new MemoryStorage());
    }

    private StorageBackend over(MemoryStorage memory) {
        StorageBackend storage = new AppendlessStorage(memory);
        behind.put(storage, memory);
        return storage;
    }

    @Override
    protected StorageBackend reopen(StorageBackend storage) {
        return over(Objects.requireNonNull(behind.get(storage)).reopen());
    }

    @Override
    protected boolean canAppend() {
        return false;
    }
}
