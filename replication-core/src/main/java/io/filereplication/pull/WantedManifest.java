package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The manifest as it is for a node that does not want all of it: without the entries that it does not want. For whoever decides
 * whether a copy here may still be needed.
 */
record WantedManifest(ManifestView all, Predicate<FileEntry> wants) implements ManifestView {
    @Override
    public @Nullable FileEntry get(FilePath path) {
        FileEntry entry = all.get(path);
        return entry != null && wants.test(entry) ? entry : null;
    }

    @Override
    public long appliedIndex() {
        return all.appliedIndex();
    }

    @Override
    public List<FileEntry> page(@Nullable FilePath after, int limit) {
        FilePath cursor = after;
        while (true) {
            List<FileEntry> page = all.page(cursor, limit);
            List<FileEntry> wanted = page.stream().filter(wants).toList();
            if (page.isEmpty() || !wanted.isEmpty()) {
                return wanted;
            }
            cursor = page.get(page.size() - 1).path();
        }
    }

    @Override
    public long count() {
        return all.count();
    }

    @Override
    public long bytes() {
        return all.bytes();
    }

    @Override
    public boolean isSettled() {
        return all.isSettled();
    }
}
