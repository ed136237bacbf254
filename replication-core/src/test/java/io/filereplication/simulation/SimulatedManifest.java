package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** One node's manifest: what its state machine has made of the log so far. */
final class SimulatedManifest implements ManifestView {
    private ReplicatedLog.State state;
    private long applied;
    private boolean settled = true;

    SimulatedManifest(ReplicatedLog.State state, long applied) {
        this.state = state;
        this.applied = applied;
    }

    /** The entries change first and the index later, so that whoever reads the index first sees no less than it says. */
    void show(ReplicatedLog.State next) {
        state = next;
    }

    void applied(long index) {
        applied = index;
    }

    void settled(boolean is) {
        settled = is;
    }

    Set<NodeId> members() {
        return state.members();
    }

    SortedMap<FilePath, FileEntry> entries() {
        return state.entries();
    }

    @Override
    public @Nullable FileEntry get(FilePath path) {
        return state.entries().get(path);
    }

    @Override
    public long appliedIndex() {
        return applied;
    }

    @Override
    public List<FileEntry> page(@Nullable FilePath after, int limit) {
        SortedMap<FilePath, FileEntry> entries = state.entries();
        return entries.values().stream()
                .filter(entry -> after == null || entry.path().compareTo(after) > 0)
                .limit(limit)
                .toList();
    }

    @Override
    public long count() {
        return state.entries().size();
    }

    @Override
    public long bytes() {
        return state.entries().values().stream().mapToLong(FileEntry::sizeBytes).sum();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }
}
