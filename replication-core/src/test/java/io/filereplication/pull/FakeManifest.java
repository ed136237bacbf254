package io.filereplication.pull;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import io.filereplication.testing.MapManifest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A manifest in memory that is written by the test, remembers every version it ever held, and tells one listener. */
final class FakeManifest extends MapManifest {
    private final Map<Lsn, FileEntry> history = new LinkedHashMap<>();
    private @Nullable ManifestListener listener;

    void listener(ManifestListener hears) {
        listener = hears;
    }

    /** Registers {@code content} at the next index and announces it. */
    FileEntry register(FilePath path, byte[] content, NodeId origin) {
        return registerAt(appliedIndex() + 1, path, content, origin);
    }

    FileEntry registerAt(long index, FilePath path, byte[] content, NodeId origin) {
        FileEntry entry = entry(path, content, origin, new Lsn(index, 0));
        put(entry);
        history.put(entry.contentLsn(), entry);
        if (listener != null) {
            listener.registered(entry);
        }
        applyUpTo(index);
        return entry;
    }

    void delete(FilePath path) {
        deleteAt(appliedIndex() + 1, path);
    }

    void deleteAt(long index, FilePath path) {
        FileEntry removed = remove(path);
        if (removed != null && listener != null) {
            listener.deleted(removed, new Lsn(index, 0));
        }
        applyUpTo(index);
    }

    /** Writes that are not announced: they stand in a snapshot, which {@link #install} makes the manifest. */
    static FileEntry entry(FilePath path, byte[] content, NodeId origin, Lsn lsn) {
        return new FileEntry(path, digest(content), content.length, origin, Instant.EPOCH, Attributes.NONE, lsn, lsn);
    }

    void unsettle() {
        settle(false);
    }

    /** A snapshot with exactly these entries, at {@code index}. */
    void install(long index, List<FileEntry> all) {
        List<FileEntry> before = all();
        all.forEach(entry -> history.put(entry.contentLsn(), entry));
        replace(all);
        applyUpTo(index);
        if (listener != null) {
            listener.replaced(ManifestDifference.between(before, all()));
        }
        settle(true);
    }

    /** Whether this content was ever registered for this path. */
    boolean everHeld(FilePath path, Sha256 sha256) {
        return history.values().stream()
                .anyMatch(entry -> entry.path().equals(path) && entry.sha256().equals(sha256));
    }

    List<FileEntry> all() {
        return page(null, Integer.MAX_VALUE);
    }

    static Sha256 digest(byte[] content) {
        PrefixHasher hasher = new PrefixHasher();
        hasher.update(ByteBuffer.wrap(content));
        return hasher.digestSoFar();
    }
}
