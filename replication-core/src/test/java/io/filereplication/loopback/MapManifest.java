package io.filereplication.loopback;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** A manifest that a test fills. */
public final class MapManifest implements ManifestView {
    private final ConcurrentSkipListMap<FilePath, FileEntry> entries = new ConcurrentSkipListMap<>();
    private volatile long appliedIndex = -1;
    private volatile boolean settled = true;

    /** Registers {@code entry} as if it had been applied. */
    public void register(FileEntry entry) {
        entries.put(entry.path(), entry);
        appliedIndex = Math.max(appliedIndex, entry.lsn().index());
    }

    public void delete(FilePath path, long atIndex) {
        entries.remove(path);
        appliedIndex = Math.max(appliedIndex, atIndex);
    }

    public void setSettled(boolean settled) {
        this.settled = settled;
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
