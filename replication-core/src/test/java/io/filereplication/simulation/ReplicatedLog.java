package io.filereplication.simulation;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What Raft has committed, and the manifest and members that follow from every prefix of it. */
final class ReplicatedLog {
    /** The manifest and the members after an index. Immutable. */
    record State(SortedMap<FilePath, FileEntry> entries, Set<NodeId> members) {}

    /** What one entry did. */
    record Change(@Nullable FileEntry registered, @Nullable FileEntry deleted, boolean members) {}

    private final Book book;
    private final List<State> states = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    final Signal grew = new Signal();

    /** A log whose first entry, at index 0, names the members. */
    ReplicatedLog(Book book, Set<NodeId> members) {
        this.book = book;
        append(new State(new TreeMap<>(), new TreeSet<>(members)), new Change(null, null, true));
    }

    private void append(State state, Change change) {
        states.add(state);
        changes.add(change);
    }

    long lastIndex() {
        return states.size() - 1L;
    }

    State stateAt(long index) {
        return states.get((int) index);
    }

    Change changeAt(long index) {
        return changes.get((int) index);
    }

    State head() {
        return states.get(states.size() - 1);
    }

    /** Commits a registration; null when a path is in the way, and then nothing is committed. */
    @Nullable
    FileEntry register(FilePath path, Sha256 digest, long size, NodeId origin, Instant now) {
        boolean blocked =
                head().entries().keySet().stream().anyMatch(other -> other.isAbove(path) || path.isAbove(other));
        if (blocked) {
            return null;
        }
        FileEntry known = head().entries().get(path);
        if (known != null && known.sha256().equals(digest)) {
            append(head(), new Change(null, null, false));
            return known;
        }
        Lsn lsn = new Lsn(states.size(), 0);
        FileEntry entry = new FileEntry(path, digest, size, origin, now, Attributes.NONE, lsn, lsn);
        TreeMap<FilePath, FileEntry> entries = new TreeMap<>(head().entries());
        entries.put(path, entry);
        book.registered(path, lsn, digest);
        append(new State(entries, head().members()), new Change(entry, null, false));
        return entry;
    }

    /** Commits a delete; false when there was nothing to delete. */
    boolean delete(FilePath path) {
        FileEntry known = head().entries().get(path);
        if (known == null) {
            return false;
        }
        TreeMap<FilePath, FileEntry> entries = new TreeMap<>(head().entries());
        entries.remove(path);
        append(new State(entries, head().members()), new Change(null, known, false));
        return true;
    }

    void setMembers(Set<NodeId> members) {
        append(new State(head().entries(), new TreeSet<>(members)), new Change(null, null, true));
    }
}
