package io.filereplication.storage;

import io.filereplication.storage.MemoryDisk.Inode;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The open files of one life of a {@link MemoryStorage}. Guarded by the disk's monitor. */
final class MemoryHandles {
    private final MemoryDisk disk;
    private final MemorySteps steps;
    private final Set<Object> handles = Collections.newSetFromMap(new IdentityHashMap<>());

    MemoryHandles(MemoryDisk disk, MemorySteps steps) {
        this.disk = disk;
        this.steps = steps;
    }

    ReadHandle reading(String name, Inode file) {
        return new Reading(name, file);
    }

    WriteHandle writing(OwnName name, Inode file) {
        return new Writing(name, file);
    }

    /** Nobody who had one open lives any more. */
    void clear() {
        handles.clear();
    }

    void assertNothingOpen() {
        if (!handles.isEmpty()) {
            throw new AssertionError("Left open: " + handles);
        }
    }

    private static int copy(Inode file, ByteBuffer target, long position) {
        if (position >= file.length) {
            return -1;
        }
        int count = (int) Math.min(target.remaining(), file.length - position);
        target.put(file.data, (int) position, count);
        return count;
    }

    private final class Reading implements ReadHandle {
        private final String name;
        private final Inode file;
        private final FileStamp stamp;

        Reading(String name, Inode file) {
            this.name = name;
            this.file = file;
            this.stamp = file.stamp();
            handles.add(this);
        }

        @Override
        public FileStamp stamp() {
            return stamp;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            synchronized (disk) {
                steps.alive();
                if (!handles.contains(this)) {
                    throw new IllegalStateException(name + " is closed");
                }
                return copy(file, target, position);
            }
        }

        @Override
        public void close() {
            synchronized (disk) {
                handles.remove(this);
            }
        }

        @Override
        public String toString() {
            return "reading " + name;
        }
    }

    private final class Writing implements WriteHandle {
        private final OwnName name;
        private final Inode file;

        Writing(OwnName name, Inode file) {
            this.name = name;
            this.file = file;
            handles.add(this);
        }

        private void open() {
            steps.alive();
            if (!handles.contains(this)) {
                throw new IllegalStateException(name + " is closed");
            }
        }

        @Override
        public long length() {
            synchronized (disk) {
                return file.length;
            }
        }

        @Override
        public int read(ByteBuffer target, long position) {
            synchronized (disk) {
                open();
                return copy(file, target, position);
            }
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            synchronized (disk) {
                open();
                if (disk.lacksRoomFor(bytes.remaining())) {
                    throw new StorageFullException("No room for " + bytes.remaining() + " bytes of " + name);
                }
                steps.step("append " + name + " " + bytes.remaining());
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                file.append(copy, copy.length, disk.tick());
            }
        }

        @Override
        public void truncate(long length) {
            synchronized (disk) {
                open();
                if (length < file.length) {
                    steps.step("truncate " + name + " " + length);
                    file.length = (int) length;
                    file.modified = disk.tick();
                }
            }
        }

        @Override
        public void sync() {
            synchronized (disk) {
                open();
                steps.step("sync " + name);
                file.sync();
            }
        }

        @Override
        public FileStamp stamp() {
            synchronized (disk) {
                open();
                return file.stamp();
            }
        }

        @Override
        public void close() {
            synchronized (disk) {
                handles.remove(this);
            }
        }

        @Override
        public String toString() {
            return "writing " + name;
        }
    }
}
