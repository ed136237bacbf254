package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renames that were intended and of whose end nothing is recorded: after a crash, or after an error in the middle. */
final class Intents {
    private static final Logger LOG = LoggerFactory.getLogger(Intents.class);

    private final StorageBackend backend;
    private final RecordStore store;
    private final FinishedPuts puts;

    Intents(StorageBackend backend, RecordStore store, FinishedPuts puts) {
        this.backend = backend;
        this.store = store;
        this.puts = puts;
    }

    /**
     * Finds out whether the rename to {@code path} was done, and records that. Called with the path held, or before anybody
     * else can hold it.
     */
    void settle(FilePath path) throws StorageException {
        Change.Intended intent = store.intent(path);
        if (intent == null) {
            return;
        }
        if (intent.record().stamp().equals(stampOf(path))) {
            // It was, but the power may have gone, or an fsync failed, before the directories were durable.
            backend.sync(path);
            if (isRenamed(intent)) {
                forget(intent.from());
            }
            store.write(new Change.Recorded(intent.record(), false));
            return;
        }
        KnownFile before = store.get(path);
        store.write(
                before == null
                        ? new Change.Forgotten(path)
                        : new Change.Recorded(before.record(path), before.isSuspect()));
    }

    /**
     * Whether nothing but the file that was renamed can have had the name. A later process may have given it to another file, since
     * the end of the rename was recorded, and the power took that record.
     */
    private boolean isRenamed(Change.Intended intent) throws StorageException {
        try (ReadHandle left = backend.openOwn(intent.from())) {
            return left == null || left.stamp().equals(intent.record().stamp());
        }
    }

    private void forget(OwnName renamed) throws StorageException {
        backend.deleteOwn(renamed);
        backend.syncNames(renamed.area());
        if (renamed.area() == Area.PUTS) {
            puts.forget(renamed);
        } else {
            store.note(new Change.Dropped(renamed));
        }
    }

    /** Where something else lies on the way, or in the place, the file is not: whoever starts must not be stopped by that. */
    private @Nullable FileStamp stampOf(FilePath path) throws StorageException {
        try {
            return backend.stamp(path);
        } catch (PathConflictException e) {
            LOG.debug("{} is not there: {}", path, e.getMessage());
            return null;
        }
    }

    /** Settles all of them. */
    void settleAll() throws StorageException {
        for (Change.Intended intent : store.intents()) {
            settle(intent.record().version().path());
        }
    }
}
