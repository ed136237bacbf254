package io.filereplication.pull;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A manifest in memory that is written by the test, remembers every version it ever held, and tells one listener. */
final class FakeManifest implements ManifestView {
    private TreeMap<FilePath, FileEntry> entries = new TreeMap<>();
    private final Map<Lsn, FileEntry> history = new LinkedHashMap<>();
    private @Nullable ManifestListener listener;
    private long applied = -1;
    private boolean settled = true;

    void listener(ManifestListener hears) {
        listener = hears;
    }

    /** Registers {@code content} at the next index and announces it. */
    FileEntry register(FilePath path, byte[] content, NodeId origin) {
        return registerAt(applied + 1, path, content, origin);
    }

    FileEntry registerAt(long index, FilePath path, byte[] content, NodeId origin) {
        FileEntry entry = entry(path, content, origin, new Lsn(index, 0));
        entries.put(path, entry);
        history.put(entry.contentLsn(), entry);
        if (listener != null) {
            listener.registered(entry);
        }
        applied = index;
        return entry;
    }

    void delete(FilePath path) {
        deleteAt(applied + 1, path);
    }

    void deleteAt(long index, FilePath path) {
        FileEntry removed = entries.remove(path);
        if (removed != null && listener != null) {
            listener.deleted(removed, new Lsn(index, 0));
        }
        applied = index;
    }

    /** Writes that are not announced: they stand in a snapshot, which {@link #install} makes the manifest. */
    static FileEntry entry(FilePath path, byte[] content, NodeId origin, Lsn lsn) {
        return new FileEntry(path, digest(content), content.length, origin, Instant.EPOCH, Attributes.NONE, lsn, lsn);
    }

    void unsettle() {
        settled = false;
    }

    /** A snapshot with exactly these entries, at {@code index}. */
    void install(long index, List<FileEntry> all) {
        TreeMap<FilePath, FileEntry> replacement = new TreeMap<>();
        for (FileEntry entry : all) {
            replacement.put(entry.path(), entry);
            history.put(entry.contentLsn(), entry);
        }
        TreeMap<FilePath, FileEntry> before = entries;
        entries = replacement;
        applied = index;
        if (listener != null) {
            listener.replaced(ManifestDifference.between(before.values(), replacement.values()));
        }
        settled = true;
    }

    /** Whether this content was ever registered for this path. */
    boolean everHeld(FilePath path, Sha256 sha256) {
        return history.values().stream()
                .anyMatch(entry -> entry.path().equals(path) && entry.sha256().equals(sha256));
    }

    List<FileEntry> all() {
        return List.copyOf(entries.values());
    }

    static Sha256 digest(byte[] content) {
        PrefixHasher hasher = new PrefixHasher();
        hasher.update(ByteBuffer.wrap(content));
        return hasher.digestSoFar();
    }

    @Override
    public @Nullable FileEntry get(FilePath path) {
        return entries.get(path);
    }

    @Override
    public long appliedIndex() {
        return applied;
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
