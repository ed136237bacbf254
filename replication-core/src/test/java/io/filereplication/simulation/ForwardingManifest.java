package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A manifest that says what another one says. */
class ForwardingManifest implements ManifestView {
    private final ManifestView manifest;

    ForwardingManifest(ManifestView manifest) {
        this.manifest = manifest;
    }

    @Override
    public @Nullable FileEntry get(FilePath path) {
        return manifest.get(path);
    }

    @Override
    public long appliedIndex() {
        return manifest.appliedIndex();
    }

    @Override
    public List<FileEntry> page(@Nullable FilePath after, int limit) {
        return manifest.page(after, limit);
    }

    @Override
    public long count() {
        return manifest.count();
    }

    @Override
    public long bytes() {
        return manifest.bytes();
    }

    @Override
    public boolean isSettled() {
        return manifest.isSettled();
    }
}
