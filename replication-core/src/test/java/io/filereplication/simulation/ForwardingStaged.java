package io.filereplication.simulation;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A staged file that does what another one does. Whoever publishes it must take {@link #inner} instead. */
class ForwardingStaged implements StagedFile {
    final StagedFile inner;

    ForwardingStaged(StagedFile inner) {
        this.inner = inner;
    }

    /** What {@code staged} forwards to; itself when it does not. */
    static StagedFile innerOf(StagedFile staged) {
        return staged instanceof ForwardingStaged wrapped ? wrapped.inner : staged;
    }

    @Override
    public FileVersion version() {
        return inner.version();
    }

    @Override
    public long length() {
        return inner.length();
    }

    @Override
    public @Nullable PrefixDigests writtenDigests() {
        return inner.writtenDigests();
    }

    @Override
    public int read(ByteBuffer target, long position) throws StorageException {
        return inner.read(target, position);
    }

    @Override
    public void append(ByteBuffer bytes) throws StorageException {
        inner.append(bytes);
    }

    @Override
    public void truncate(long length) throws StorageException {
        inner.truncate(length);
    }

    @Override
    public void discard() throws StorageException {
        inner.discard();
    }

    @Override
    public void close() {
        inner.close();
    }
}
