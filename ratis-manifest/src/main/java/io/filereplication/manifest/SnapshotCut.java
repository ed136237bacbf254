package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.io.IOException;
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
    private final ConcurrentSkipListMap<FilePath, FileEntry> preImages = new ConcurrentSkipListMap<>();
    private final AnswerRing answers;
    private final long index;
    private final int enabledFormat;
    private final long count;
    /** How many pre-images there are; grows after each was put, so that whoever sees the number sees them. */
    private volatile long kept;

    SnapshotCut(ManifestContent content) {
        entries = content.entries;
        answers = content.answers.frozen();
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

    AnswerRing answers() {
        return answers;
    }

    /**
     * Called by the apply thread before the entry of {@code path}, now {@code before}, changes. What is not of the cut, because
     * it came or changed after it, leaves no pre-image.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // The apply thread is the only writer.
    void keep(FilePath path, @Nullable FileEntry before) {
        if (before != null && before.lsn().index() <= index) {
            preImages.put(path, before);
            kept++;
        }
    }

    /** Every entry of the cut, in path order. */
    void forEach(Visitor visitor) throws IOException {
        @Nullable FilePath last = null;
        @Nullable FilePath nextGone = null;
        long seen = 0;
        for (FileEntry entry : entries.values()) {
            FilePath path = entry.path();
            // What was removed before the iteration came here has its pre-image in the gap it left. Most gaps have
            // none, which shows without a search: a search leaves garbage, and there are as many gaps as entries.
            long now = kept;
            if (now != seen || (nextGone != null && nextGone.compareTo(path) < 0)) {
                visitGone(last, path, visitor);
                nextGone = preImages.ceilingKey(path);
                seen = now;
            }
            if (entry.lsn().index() <= index) {
                visitor.visit(entry);
            } else {
                FileEntry before = preImages.get(path);
                if (before != null) {
                    visitor.visit(before);
                }
            }
            last = path;
        }
        visitGone(last, null, visitor);
    }

    private void visitGone(@Nullable FilePath after, @Nullable FilePath before, Visitor visitor) throws IOException {
        if (preImages.isEmpty()) {
            return;
        }
        ConcurrentNavigableMap<FilePath, FileEntry> gap = preImages;
        if (after != null) {
            gap = gap.tailMap(after, false);
        }
        if (before != null) {
            gap = gap.headMap(before, false);
        }
        for (FileEntry gone : gap.values()) {
            visitor.visit(gone);
        }
    }

    @FunctionalInterface
    interface Visitor {
        void visit(FileEntry entry) throws IOException;
    }
}
