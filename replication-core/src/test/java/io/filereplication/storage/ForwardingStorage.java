package io.filereplication.storage;

import io.filereplication.FilePath;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A storage that does what another one does: the ground of decorators. */
class ForwardingStorage implements StorageBackend {
    private final StorageBackend to;

    ForwardingStorage(StorageBackend to) {
        this.to = to;
    }

    @Override
    public @Nullable FileStamp stamp(FilePath path) throws StorageException {
        return to.stamp(path);
    }

    @Override
    public @Nullable ReadHandle open(FilePath path) throws StorageException {
        return to.open(path);
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        to.sync(path);
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        to.commit(from, path);
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        to.delete(path);
    }

    @Override
    public void withdraw(FilePath path, OwnName name) throws StorageException {
        to.withdraw(path, name);
    }

    @Override
    public void preserve(FilePath path, OwnName as) throws StorageException {
        to.preserve(path, as);
    }

    @Override
    public void list(String prefix, Consumer<FilePath> each) throws StorageException {
        to.list(prefix, each);
    }

    @Override
    public List<String> ownNames(Area area) throws StorageException {
        return to.ownNames(area);
    }

    @Override
    public @Nullable ReadHandle openOwn(OwnName name) throws StorageException {
        return to.openOwn(name);
    }

    @Override
    public WriteHandle write(OwnName name) throws StorageException {
        return to.write(name);
    }

    @Override
    public void deleteOwn(OwnName name) throws StorageException {
        to.deleteOwn(name);
    }

    @Override
    public void syncNames(Area area) throws StorageException {
        to.syncNames(area);
    }

    @Override
    public Space space() throws StorageException {
        return to.space();
    }

    @Override
    public void close() {
        to.close();
    }

    @Override
    public String toString() {
        return to.toString();
    }

    /** The same for a handle. */
    static class ForwardingHandle implements WriteHandle {
        private final WriteHandle to;

        ForwardingHandle(WriteHandle to) {
            this.to = to;
        }

        @Override
        public long length() {
            return to.length();
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            return to.read(target, position);
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            to.append(bytes);
        }

        @Override
        public void truncate(long length) throws StorageException {
            to.truncate(length);
        }

        @Override
        public void sync() throws StorageException {
            to.sync();
        }

        @Override
        public FileStamp stamp() throws StorageException {
            return to.stamp();
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
