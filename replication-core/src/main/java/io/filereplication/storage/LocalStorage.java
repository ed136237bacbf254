package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.InvalidFilePathException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The default {@link StorageBackend}: a directory of a Unix file system. Published files lie below the root under their own
 * paths, everything else in {@code .filereplication/}.
 *
 * <p>It never leaves its root: a symbolic link or a mount point on the way to a file is refused with
 * {@link PathConflictException}, also one that appears later. One process at a time: the root is locked.
 */
public final class LocalStorage implements StorageBackend {
    /** When less than this many bytes, plus what was to be written, are free, a failed write is taken for a full disk. */
    private static final long FULL_MARGIN_BYTES = 1 << 20;
    /** How often a rename is tried whose directory somebody pruned in between. */
    private static final int PRUNE_RACES = 100;

    private final LocalTree tree;
    private final OwnDirectories own;
    private final FileStore store;
    private final SecondName secondName;
    private final FileChannel lockFile;

    private LocalStorage(
            LocalTree tree, OwnDirectories own, FileStore store, SecondName secondName, FileChannel lockFile) {
        this.tree = tree;
        this.own = own;
        this.store = store;
        this.secondName = secondName;
        this.lockFile = lockFile;
    }

    /**
     * Opens the storage at {@code directory}, which is made when it does not exist.
     *
     * @throws StorageException naming the reason when this root could not keep the promises: it is in use by another process, the
     *     longest path would not fit, file names are not UTF-8, the file system folds case
     */
    public static LocalStorage open(Path directory) throws StorageException {
        return open(directory, Files::createLink);
    }

    /** The same with another way to make hard links. */
    static LocalStorage open(Path directory, SecondName.HardLink links) throws StorageException {
        FileChannel lockFile = null;
        try {
            LocalChecks.platform(directory);
            Files.createDirectories(directory);
            Path root = directory.toRealPath();
            LocalChecks.longestPath(root);
            LocalChecks.nameEncoding(System.getProperty("sun.jnu.encoding"));
            LocalTree tree = new LocalTree(root);
            OwnDirectories own = new OwnDirectories(tree);
            lockFile = lock(root, own.root().resolve("lock"));
            own.makeAreas();
            LocalStorage storage =
                    new LocalStorage(tree, own, Files.getFileStore(root), new SecondName(links), lockFile);
            LocalChecks.names(own.place(Area.STAGED), null);
            lockFile = null;
            return storage;
        } catch (IOException e) {
            throw new StorageException("Cannot open storage root " + directory, e);
        } finally {
            if (lockFile != null) {
                closeLock(lockFile);
            }
        }
    }

    private static FileChannel lock(Path root, Path lock) throws IOException, StorageException {
        FileChannel channel =
                FileChannel.open(lock, StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null;
        } finally {
            if (held == null) {
                channel.close();
            }
        }
        if (held == null) {
            throw new StorageException(
                    "Storage root " + root + " is in use by another process (or another group of this one); "
                            + "every group needs a root of its own");
        }
        return channel;
    }

    private static void closeLock(FileChannel lockFile) {
        try {
            lockFile.close();
        } catch (IOException e) {
            // The operating system gives the lock back in any case when the process ends.
            return;
        }
    }

    @Override
    public @Nullable FileStamp stamp(FilePath path) throws StorageException {
        try {
            LocalTree.Node node = tree.lookAt(path);
            if (node == null || node.isDirectory()) {
                return null;
            }
            requireFile(tree.root().resolve(path.value()), node);
            return node.stamp();
        } catch (IOException e) {
            throw failed("look at " + path, e, 0);
        }
    }

    /** Asks whether there is anything at all, which costs a tenth of the exception that a look at nothing is. */
    @Override
    public @Nullable FileStamp glance(FilePath path) throws StorageException {
        return Files.exists(tree.root().resolve(path.value())) ? stamp(path) : null;
    }

    /** Whether there is anything is asked in a way that sees links too. */
    @Override
    public @Nullable FileStamp stampBeforeCommit(FilePath path) throws StorageException {
        Path place = tree.root().resolve(path.value());
        Path directory = Objects.requireNonNull(place.getParent(), "it is below the root");
        boolean isFree = !LocalTree.canBeRenamed(place) && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
        return isFree ? null : stamp(path);
    }

    private static void requireFile(Path place, LocalTree.Node node) throws PathConflictException {
        if (!node.isFile()) {
            throw new PathConflictException(place + " is " + node.kind() + " where a file must be");
        }
    }

    @Override
    public @Nullable ReadHandle open(FilePath path) throws StorageException {
        if (stamp(path) == null) {
            return null;
        }
        try {
            return new LocalHandles.ChannelReadHandle(tree.root().resolve(path.value()), this::failed);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failed("open " + path, e, 0);
        }
    }

    /** What has the expected inode, and has not been changed since, is that file and no other: it is not looked at twice. */
    @Override
    public @Nullable ReadHandle openIfStill(FilePath path, FileStamp expected) throws StorageException {
        try {
            Path place = tree.find(path);
            // Before it is opened: a pipe in its place would not let go of this thread.
            if (place == null || !tree.isStill(place, expected)) {
                return null;
            }
            ReadHandle in = new LocalHandles.ChannelReadHandle(place, this::failed);
            if (in.stamp().equals(expected)) {
                return in;
            }
            in.close();
            return null;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failed("open " + path, e, 0);
        }
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        try {
            Path place = tree.find(path);
            if (place == null) {
                throw new NoSuchFileException(path.toString());
            }
            try (FileChannel file = FileChannel.open(place, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                file.force(true);
            }
            tree.syncWayTo(path);
        } catch (IOException e) {
            throw failed("fsync " + path, e, 0);
        }
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        try {
            rename(own.place(from), path);
            tree.syncWayTo(path);
            own.sync(from.area());
        } catch (IOException e) {
            throw failed("rename " + from + " to " + path, e, 1);
        }
    }

    @Override
    public List<@Nullable StorageException> commitAll(List<Commit> commits) {
        CommitGroup group = new CommitGroup(commits, this::failed);
        Map<Area, Path> places = new EnumMap<>(Area.class);
        group.rename((commit, wayIsKnown) -> {
            Area area = commit.from().area();
            if (!places.containsKey(area)) {
                places.put(area, own.place(area));
            }
            Path source = places.get(area).resolve(commit.from().name());
            if (wayIsKnown) {
                renameOrRepair(source, commit.path());
            } else {
                rename(source, commit.path());
            }
        });
        group.syncDirectories(tree::syncWayTo, own::sync);
        return group.failures();
    }

    /** Renames on a way that was looked at a moment ago, and looks again when that fails. */
    private void renameOrRepair(Path source, FilePath path) throws IOException, StorageException {
        try {
            Files.move(source, tree.root().resolve(path.value()), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            rename(source, path);
        }
    }

    private void rename(Path source, FilePath path) throws IOException, StorageException {
        Path target = tree.root().resolve(path.value());
        for (int attempt = 1; ; attempt++) {
            try {
                tree.make(path);
                // Before the file loses its old name: the new one may become durable sooner than a new directory on the
                // way to it.
                tree.syncDirectoriesTo(path);
                makeRoomAt(target);
                Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (FileSystemException e) {
                // A directory on the way, or in the place, came or went in between.
                LocalTree.Node now = LocalTree.look(target);
                boolean raced = e instanceof NoSuchFileException || (now != null && now.isDirectory());
                if (!raced || attempt == PRUNE_RACES || LocalTree.look(source) == null) {
                    throw e;
                }
            }
        }
    }

    private void makeRoomAt(Path target) throws IOException, PathConflictException {
        LocalTree.Node node = LocalTree.look(target);
        if (node == null) {
            return;
        }
        if (!node.isDirectory()) {
            requireFile(target, node);
        } else if (!tree.removeEmptyTree(target)) {
            throw new PathConflictException(target + " is a directory with foreign files where a file must be");
        }
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        try {
            Path place = tree.find(path);
            LocalTree.Node node = place == null ? null : LocalTree.look(place);
            if (place == null || node == null || node.isDirectory()) {
                return;
            }
            requireFile(place, node);
            Files.deleteIfExists(place);
            tree.pruneAbove(path);
        } catch (IOException e) {
            throw failed("delete " + path, e, 0);
        }
    }

    @Override
    public void withdraw(FilePath path, OwnName to) throws StorageException {
        try {
            Path source = tree.find(path);
            if (source == null) {
                throw new NoSuchFileException(path.toString());
            }
            Files.move(source, own.place(to), StandardCopyOption.ATOMIC_MOVE);
            own.sync(to.area());
            tree.pruneAbove(path);
        } catch (IOException e) {
            throw failed("move " + path + " to " + to, e, 0);
        }
    }

    @Override
    public void preserve(FilePath path, OwnName as) throws StorageException {
        long bytes = 0;
        try {
            Path place = tree.find(path);
            LocalTree.Node node = place == null ? null : LocalTree.look(place);
            if (place == null || node == null) {
                throw new NoSuchFileException(path.toString());
            }
            requireFile(place, node);
            bytes = node.stamp().sizeBytes();
            secondName.give(place, own.place(as));
            own.sync(as.area());
        } catch (IOException e) {
            throw failed("preserve " + path + " as " + as, e, Math.max(bytes, 1));
        }
    }

    @Override
    public void list(String prefix, Consumer<FilePath> each) throws StorageException {
        try {
            list(tree.root(), "", prefix, each);
        } catch (IOException e) {
            throw failed("list files that begin with '" + prefix + "'", e, 0);
        }
    }

    private void list(Path directory, String above, String prefix, Consumer<FilePath> each) throws IOException {
        List<Path> below = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                String name = above + child.getFileName();
                LocalTree.Node node = LocalTree.look(child);
                if (node == null || child.equals(own.root()) || !tree.isOnSameFileSystem(node)) {
                    continue;
                }
                if (node.isDirectory() && (prefix.startsWith(name + "/") || name.startsWith(prefix))) {
                    below.add(child);
                } else if (node.isFile() && name.startsWith(prefix)) {
                    offer(name, each);
                }
            }
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path child : below) {
            list(child, above + child.getFileName() + "/", prefix, each);
        }
    }

    private static void offer(String name, Consumer<FilePath> each) {
        FilePath path;
        try {
            path = FilePath.of(name);
        } catch (InvalidFilePathException e) {
            return;
        }
        each.accept(path);
    }

    @Override
    public List<String> ownNames(Area area) throws StorageException {
        try {
            return own.names(area);
        } catch (IOException e) {
            throw failed("list " + area, e, 0);
        }
    }

    @Override
    public @Nullable ReadHandle openOwn(OwnName name) throws StorageException {
        try {
            return new LocalHandles.ChannelReadHandle(own.place(name), this::failed);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failed("open " + name, e, 0);
        }
    }

    @Override
    public WriteHandle write(OwnName name) throws StorageException {
        try {
            return name.area() == Area.RECORDS
                    ? new LocalHandles.LogWriteHandle(own.place(name), this::failed)
                    : new LocalHandles.ChannelWriteHandle(own.place(name), this::failed);
        } catch (IOException e) {
            throw failed("open " + name, e, 0);
        }
    }

    @Override
    public void deleteOwn(OwnName name) throws StorageException {
        try {
            Files.deleteIfExists(own.place(name));
        } catch (IOException e) {
            throw failed("delete " + name, e, 0);
        }
    }

    @Override
    public void syncNames(Area area) throws StorageException {
        try {
            own.sync(area);
        } catch (IOException e) {
            throw failed("fsync " + area, e, 0);
        }
    }

    @Override
    public Space space() throws StorageException {
        try {
            return new Space(store.getUsableSpace(), store.getTotalSpace());
        } catch (IOException e) {
            throw failed("ask for the free space of " + tree.root(), e, 0);
        }
    }

    private StorageException failed(String what, IOException cause, long wanted) {
        String message = "Cannot " + what + ": " + cause.getMessage();
        if (cause instanceof ClosedByInterruptException) {
            return new StorageInterruptedException("Cannot " + what + ": interrupted", cause);
        }
        // Java tells a full disk apart by its message only; the disk itself knows better.
        if (wanted > 0) {
            try {
                if (store.getUsableSpace() < wanted + FULL_MARGIN_BYTES) {
                    return new StorageFullException(message, cause);
                }
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
        return new StorageException(message, cause);
    }

    /** Gives the root back; nothing is found or changed in it through this object any more. Idempotent. */
    @Override
    public void close() {
        tree.close();
        closeLock(lockFile);
    }

    @Override
    public String toString() {
        return "storage " + tree.root();
    }
}
