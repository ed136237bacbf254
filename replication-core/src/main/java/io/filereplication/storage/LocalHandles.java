package io.filereplication.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Open files of {@link LocalStorage}. */
final class LocalHandles {
    private LocalHandles() {}

    /** Turns what the platform throws into what the port promises. */
    interface Failures {
        /** {@code wanted} is how many bytes were to be written, or 0. */
        StorageException failed(String what, IOException cause, long wanted);
    }

    /** A file open for reading. */
    static final class ChannelReadHandle implements StorageBackend.ReadHandle {
        private final Path path;
        private final FileChannel channel;
        private final FileStamp stamp;
        private final Failures failures;

        ChannelReadHandle(Path path, Failures failures) throws IOException {
            this.path = path;
            this.failures = failures;
            this.channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            // Looked at after it was opened: a name that shows a recorded stamp now showed the same file a moment ago.
            LocalTree.Node node = null;
            try {
                node = LocalTree.look(path);
            } finally {
                if (node == null) {
                    closeQuietly(channel);
                }
            }
            if (node == null) {
                throw new NoSuchFileException(path.toString());
            }
            this.stamp = node.stamp();
        }

        @Override
        public FileStamp stamp() {
            return stamp;
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            try {
                return channel.read(target, position);
            } catch (IOException e) {
                throw failures.failed("read " + path, e, 0);
            }
        }

        @Override
        public void close() {
            closeQuietly(channel);
        }
    }

    /** A file open for appending through a channel: direct buffers are written without a copy. An interrupt closes it. */
    static final class ChannelWriteHandle implements StorageBackend.WriteHandle {
        private static final Set<OpenOption> NEW = Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE_NEW,
                LinkOption.NOFOLLOW_LINKS);
        private static final Set<OpenOption> THERE = Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                LinkOption.NOFOLLOW_LINKS);

        private final Path path;
        private final FileChannel channel;
        private final Failures failures;
        private long length;

        ChannelWriteHandle(Path path, Failures failures) throws IOException {
            this.path = path;
            this.failures = failures;
            FileChannel made = makeNew(path);
            if (made != null) {
                // Nearly always, and then its length need not be asked for.
                this.channel = made;
                return;
            }
            this.channel = FileChannel.open(path, THERE);
            long size = -1;
            try {
                size = channel.size();
            } finally {
                if (size < 0) {
                    closeQuietly(channel);
                }
            }
            this.length = size;
        }

        private static @Nullable FileChannel makeNew(Path path) throws IOException {
            try {
                return FileChannel.open(path, NEW);
            } catch (FileAlreadyExistsException e) {
                return null;
            }
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            try {
                return channel.read(target, position);
            } catch (IOException e) {
                throw failures.failed("read " + path, e, 0);
            }
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            try {
                while (bytes.hasRemaining()) {
                    length += channel.write(bytes, length);
                }
            } catch (IOException e) {
                throw failures.failed("write " + path, e, bytes.remaining());
            }
        }

        @Override
        public void truncate(long newLength) throws StorageException {
            if (newLength < 0 || newLength > length) {
                throw new IllegalArgumentException("Cannot cut " + path + " of " + length + " bytes to " + newLength);
            }
            try {
                if (newLength < length) {
                    channel.truncate(newLength);
                    length = newLength;
                }
            } catch (IOException e) {
                throw failures.failed("truncate " + path, e, 0);
            }
        }

        @Override
        public void sync() throws StorageException {
            try {
                channel.force(true);
            } catch (IOException e) {
                throw failures.failed("fsync " + path, e, 0);
            }
        }

        @Override
        public FileStamp stamp() throws StorageException {
            return stampOf(path, failures);
        }

        @Override
        public void close() {
            closeQuietly(channel);
        }
    }

    /**
     * A file that many threads append to in turn. Not a channel, because an interrupt of one of them would close it for all.
     */
    static final class LogWriteHandle implements StorageBackend.WriteHandle {
        private final Path path;
        private final RandomAccessFile file;
        private final Failures failures;
        private long length;

        LogWriteHandle(Path path, Failures failures) throws IOException {
            this.path = path;
            this.failures = failures;
            this.file = new RandomAccessFile(path.toFile(), "rw");
            this.length = file.length();
            file.seek(length);
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            throw new UnsupportedOperationException("Records are read through openOwn");
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            int count = bytes.remaining();
            byte[] array;
            int from = 0;
            if (bytes.hasArray()) {
                array = bytes.array();
                from = bytes.arrayOffset() + bytes.position();
            } else {
                array = new byte[count];
                bytes.duplicate().get(array);
            }
            try {
                file.write(array, from, count);
                bytes.position(bytes.limit());
                length += count;
            } catch (IOException e) {
                throw failures.failed("write " + path, e, count);
            }
        }

        @Override
        public void truncate(long newLength) throws StorageException {
            try {
                file.setLength(newLength);
                file.seek(newLength);
                length = newLength;
            } catch (IOException e) {
                throw failures.failed("truncate " + path, e, 0);
            }
        }

        @Override
        public void sync() throws StorageException {
            try {
                file.getFD().sync();
            } catch (IOException e) {
                throw failures.failed("fsync " + path, e, 0);
            }
        }

        @Override
        public FileStamp stamp() throws StorageException {
            return stampOf(path, failures);
        }

        @Override
        public void close() {
            closeQuietly(file);
        }
    }

    private static FileStamp stampOf(Path path, Failures failures) throws StorageException {
        try {
            LocalTree.Node node = LocalTree.look(path);
            if (node == null) {
                throw new NoSuchFileException(path.toString());
            }
            return node.stamp();
        } catch (IOException e) {
            throw failures.failed("look at " + path, e, 0);
        }
    }

    private static void closeQuietly(AutoCloseable file) {
        try {
            file.close();
        } catch (Exception e) {
            // What had to be durable was fsynced, and an fsync reports what a close could: nothing is lost here.
            return;
        }
    }
}
