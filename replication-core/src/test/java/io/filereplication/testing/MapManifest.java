package io.filereplication.testing;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** A manifest that a test fills. Thread-safe; tells nobody of its changes, unlike one that extends it. */
public class MapManifest implements ManifestView {
    private volatile NavigableMap<FilePath, FileEntry> entries = new ConcurrentSkipListMap<>();
    private volatile long appliedIndex = -1;
    private volatile boolean settled = true;

    /** Registers {@code entry} as if it had been applied. */
    public void register(FileEntry entry) {
        put(entry);
        applyUpTo(Math.max(appliedIndex, entry.lsn().index()));
    }

    /** Deletes {@code path} as if that had been applied at {@code index}. */
    public void delete(FilePath path, long index) {
        remove(path);
        applyUpTo(Math.max(appliedIndex, index));
    }

    /** Whether it is being loaded (false) or can be asked (true). */
    public void settle(boolean isSettled) {
        settled = isSettled;
    }

    /** Says that {@code index} was applied last, also when that is less than before: the log is being replayed. */
    public final void applyUpTo(long index) {
        appliedIndex = index;
    }

    /** Holds {@code entry} from now on, whatever was applied. */
    protected final void put(FileEntry entry) {
        entries.put(entry.path(), entry);
    }

    /** Ceases to hold {@code path}; returns what it held. */
    protected final @Nullable FileEntry remove(FilePath path) {
        return entries.remove(path);
    }

    /** Holds exactly {@code all}, from one moment to the next. */
    protected final void replace(List<FileEntry> all) {
        NavigableMap<FilePath, FileEntry> replacement = new ConcurrentSkipListMap<>();
        all.forEach(entry -> replacement.put(entry.path(), entry));
        entries = replacement;
    }

    @Override
    public @Nullable FileEntry get(FilePath path) {
        return entries.get(path);
    }

    @Override
    public long appliedIndex() {
        return appliedIndex;
    }

    @Override
    public List<FileEntry> page(@Nullable FilePath after, int limit) {
        return (after == null ? entries : entries.tailMap(after, false))
                .values().stream().limit(limit).toList();
    }

    @Override
    public long count() {
        return entries.size();
    }

    @Override
    public long bytes() {
        return entries.values().stream().mapToLong(FileEntry::sizeBytes).sum();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }
}
