package io.filereplication.manifest;

import io.filereplication.GroupId;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A manifest as it is at one log index, to be written while later entries are applied. Close it: until then the manifest
 * keeps what every change overwrites.
 */
public final class ManifestSnapshot implements AutoCloseable {
    private final ManifestContent content;
    private final SnapshotCut cut;
    private final GroupId group;

    ManifestSnapshot(ManifestContent content, SnapshotCut cut, GroupId group) {
        this.content = content;
        this.cut = cut;
        this.group = group;
    }

    /** The log index that the snapshot shows. */
    public long index() {
        return cut.index();
    }

    /**
     * Writes the snapshot on the calling thread, which is not the one that applies. Gives up with {@link
     * java.io.InterruptedIOException} when the thread is interrupted. {@code out} is flushed, not closed, and nothing is
     * durable.
     */
    public void writeTo(OutputStream out) throws IOException {
        new SnapshotWriter(out).write(cut, group);
        out.flush();
    }

    @Override
    public void close() {
        content.endCut(cut);
    }
}
