package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The manifest as it was at one log index, readable while later entries are applied, without a copy and without a lock.
 *
 * <p>Every write after the cut gives an entry a later {@code lsn}, so an entry that is still unchanged can be told by itself.
 * Before the apply thread changes a path it puts what was there into {@link #preImages}; so a reader that comes upon a
 * changed entry, or finds that a path has gone, sees the pre-image.
 */
final class SnapshotCut {
    private final ConcurrentNavigableMap<FilePath, FileEntry> entries;
    private final ConcurrentSkipListMap<FilePath, Optional<FileEntry>> preImages = new ConcurrentSkipListMap<>();
    private final Answers answers;
    private final long index;
    private final int enabledFormat;
    private final long count;

    SnapshotCut(ManifestContent content) {
        entries = content.entries;
        answers = content.answers.copy();
        index = content.appliedIndex();
        enabledFormat = content.enabledFormat();
        count = content.count();
    }

    long index() {
        return index;
    }

    int enabledFormat() {
        return enabledFormat;
    }

    long count() {
        return count;
    }

    Answers answers() {
        return answers;
    }

    /** Called by the apply thread before the entry of {@code path}, now {@code before}, changes. Only the first call counts. */
    void keep(FilePath path, @Nullable FileEntry before) {
        preImages.putIfAbsent(path, Optional.ofNullable(before));
    }

    /** Every entry of the cut, in path order. */
    void forEach(Visitor visitor) throws IOException {
        @Nullable FilePath last = null;
        for (FileEntry entry : entries.values()) {
            // What was removed before the iteration came here has its pre-image in the gap it left.
            visitGone(last, entry.path(), visitor);
            if (entry.lsn().index() <= index) {
                visitor.visit(entry);
            } else {
                Optional<FileEntry> before = preImages.get(entry.path());
                if (before != null && before.isPresent()) {
                    visitor.visit(before.get());
                }
            }
            last = entry.path();
        }
        visitGone(last, null, visitor);
    }

    private void visitGone(@Nullable FilePath after, @Nullable FilePath before, Visitor visitor) throws IOException {
        if (preImages.isEmpty()) {
            return;
        }
        ConcurrentNavigableMap<FilePath, Optional<FileEntry>> gap = preImages;
        if (after != null) {
            gap = gap.tailMap(after, false);
        }
        if (before != null) {
            gap = gap.headMap(before, false);
        }
        for (Map.Entry<FilePath, Optional<FileEntry>> gone : gap.entrySet()) {
            if (gone.getValue().isPresent()) {
                visitor.visit(gone.getValue().get());
            }
        }
    }

    @FunctionalInterface
    interface Visitor {
        void visit(FileEntry entry) throws IOException;
    }
}
