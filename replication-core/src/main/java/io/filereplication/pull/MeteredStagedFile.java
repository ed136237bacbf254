package io.filereplication.pull;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Staged bytes that say how many come while they come, so that a long fetch is seen to move. */
final class MeteredStagedFile implements StagedFile {
    private final StagedFile staged;
    private final LongConsumer onAppended;

    MeteredStagedFile(StagedFile staged, LongConsumer onAppended) {
        this.staged = staged;
        this.onAppended = onAppended;
    }

    @Override
    public FileVersion version() {
        return staged.version();
    }

    @Override
    public long length() {
        return staged.length();
    }

    @Override
    public @Nullable PrefixDigests writtenDigests() {
        return staged.writtenDigests();
    }

    @Override
    public int read(ByteBuffer target, long position) throws StorageException {
        return staged.read(target, position);
    }

    @Override
    public void append(ByteBuffer bytes) throws StorageException {
        int count = bytes.remaining();
        staged.append(bytes);
        onAppended.accept(count);
    }

    @Override
    public void truncate(long length) throws StorageException {
        staged.truncate(length);
    }

    @Override
    public void discard() throws StorageException {
        staged.discard();
    }

    @Override
    public void close() {
        staged.close();
    }
}
