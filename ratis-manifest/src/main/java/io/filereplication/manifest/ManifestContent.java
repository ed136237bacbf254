package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest holds, as one object, so that a loaded snapshot takes the place of the old content in one step.
 *
 * <p>Written by the apply thread alone. Readers use {@link #entries} and the volatile fields without a lock.
 */
final class ManifestContent {
    final ConcurrentSkipListMap<FilePath, FileEntry> entries = new ConcurrentSkipListMap<>();
    final Origins origins = new Origins();
    final Answers answers;
    private volatile int enabledFormat;
    private volatile long count;
    private volatile long bytes;
    private volatile long appliedIndex;
    private volatile @Nullable SnapshotCut cut;

    ManifestContent(int answersCapacity, long appliedIndex, int enabledFormat) {
        this.answers = new Answers(answersCapacity);
        this.appliedIndex = appliedIndex;
        this.enabledFormat = enabledFormat;
    }

    int enabledFormat() {
        return enabledFormat;
    }

    void enableFormat(int format) {
        enabledFormat = Math.max(enabledFormat, format);
    }

    long count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /** After everything up to {@code index} is in {@link #entries}: whoever sees the index sees the entries. */
    void setAppliedIndex(long index) {
        appliedIndex = index;
    }

    /** Makes {@code after} (null: nothing) the entry of {@code path}, which was {@code before}. */
    void change(FilePath path, @Nullable FileEntry before, @Nullable FileEntry after) {
        SnapshotCut running = cut;
        if (running != null) {
            running.keep(path, before);
        }
        if (after == null) {
            entries.remove(path);
        } else {
            entries.put(path, after);
        }
        count(before, after);
    }

    /** Adds an entry of a snapshot that is being loaded, while nobody else sees this object. */
    void load(FileEntry entry) {
        entries.put(entry.path(), entry);
        count(null, entry);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // The apply thread is the only writer.
    private void count(@Nullable FileEntry before, @Nullable FileEntry after) {
        count += (after == null ? 0 : 1) - (before == null ? 0 : 1);
        bytes += (after == null ? 0 : after.sizeBytes()) - (before == null ? 0 : before.sizeBytes());
    }

    /** From now on the pre-images of what changes are kept, until {@link #endCut}. At most one at a time. */
    SnapshotCut beginCut() {
        if (cut != null) {
            throw new IllegalStateException("A snapshot is already being written");
        }
        SnapshotCut fresh = new SnapshotCut(this);
        cut = fresh;
        return fresh;
    }

    void endCut(SnapshotCut ended) {
        if (cut == ended) {
            cut = null;
        }
    }
}
