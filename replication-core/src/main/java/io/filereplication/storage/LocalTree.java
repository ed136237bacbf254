package io.filereplication.storage;

import io.filereplication.FilePath;
import java.io.File;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The directories below a root, walked so that nobody is led out of it: every component is looked at without following
 * links, each time, and must be a directory of the root's own file system.
 *
 * <p>It also knows which directories have a durable name. A name that another thread, or a process before this one, has just created
 * need not be durable yet; so the first file that goes through a directory makes the directory's own name durable too.
 */
final class LocalTree {
    /** How many directories are remembered as durable; when there are more, all are forgotten, which costs fsyncs only. */
    static final int MAX_KNOWN_DURABLE = 100_000;

    private final Path root;
    private final Node rootNode;
    private volatile boolean closed;
    private final Set<Path> knownDurable = ConcurrentHashMap.newKeySet();

    /** The tree below {@code root}, a real path. */
    LocalTree(Path root) throws IOException {
        this.root = root;
        Node node = look(root);
        if (node == null || !node.isDirectory()) {
            throw new NotDirectoryException(root.toString());
        }
        this.rootNode = node;
    }

    /** What one lstat says. */
    record Node(Kind kind, long device, FileStamp stamp) {
        boolean isDirectory() {
            return kind == Kind.DIRECTORY;
        }

        boolean isFile() {
            return kind == Kind.FILE;
        }
    }

    /** What is at a path. */
    enum Kind {
        DIRECTORY("a directory"),
        FILE("a file"),
        LINK("a symbolic link"),
        OTHER("neither a file nor a directory");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        static Kind of(BasicFileAttributes seen) {
            if (seen.isRegularFile()) {
                return FILE;
            }
            return seen.isDirectory() ? DIRECTORY : seen.isSymbolicLink() ? LINK : OTHER;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Looks at {@code path} itself, following no link at its end; null when there is nothing. */
    static @Nullable Node look(Path path) throws IOException {
        BasicFileAttributes seen;
        try {
            seen = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
        FileIdentity identity = FileIdentity.of(path, seen);
        long modified = seen.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        return new Node(Kind.of(seen), identity.device(), new FileStamp(seen.size(), modified, identity.inode()));
    }

    /** From now on no way is found: the root may be somebody else's. */
    void close() {
        closed = true;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("The storage at " + root + " is closed");
        }
    }

    boolean isOnSameFileSystem(Node node) {
        return node.device() == rootNode.device();
    }

    Path root() {
        return root;
    }

    /** The directories that lead to {@code path}, from the root (included) down to its parent. */
    private List<Path> directoriesTo(FilePath path) {
        List<Path> directories = new ArrayList<>();
        directories.add(root);
        String text = path.value();
        for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1)) {
            directories.add(root.resolve(text.substring(0, slash)));
        }
        return directories;
    }

    /**
     * Checks every directory that leads to {@code path}.
     *
     * @return the file's place, or null when a directory is missing
     */
    @Nullable
    Path find(FilePath path) throws IOException, PathConflictException {
        for (Path directory : directoriesTo(path)) {
            if (!check(directory)) {
                return null;
            }
        }
        return root.resolve(path.value());
    }

    /**
     * What is at {@code path}, or null. Where there is nothing the way to it does not matter, which saves most looks at what is
     * about to be pulled.
     */
    @Nullable
    Node lookAt(FilePath path) throws IOException, PathConflictException {
        Node node;
        try {
            node = look(root.resolve(path.value()));
        } catch (FileSystemException e) {
            // Perhaps a file on the way, which is said there.
            return find(path) == null ? null : look(root.resolve(path.value()));
        }
        if (node == null) {
            // An unmounted disk must not look like an empty one.
            boolean unused = check(root);
            return null;
        }
        return find(path) == null ? null : node;
    }

    /**
     * Whether there is anything at {@code path}, be it a link that leads nowhere, that could be renamed. {@link #look} says as much,
     * but ends in an exception where there is nothing, which costs five times as much.
     */
    static boolean canBeRenamed(Path path) {
        File name = path.toFile();
        // To rename a name to itself does nothing, says POSIX, but fails when there is no such name. A link is not
        // followed.
        return name.renameTo(name);
    }

    /** Checks every directory that leads to {@code path}, and makes those that are missing. */
    Path make(FilePath path) throws IOException, PathConflictException {
        Path parent = root;
        for (Path directory : directoriesTo(path)) {
            // Somebody who prunes may remove it in between: the rename then fails and the caller begins again.
            if (!check(directory)) {
                try {
                    Files.createDirectory(directory);
                    // What is known of the name may be of the directory that had it before.
                    sync(parent);
                    knownDurable.add(directory);
                } catch (FileAlreadyExistsException e) {
                    check(directory);
                }
            }
            parent = directory;
        }
        return root.resolve(path.value());
    }

    /**
     * Whether {@code directory}, looked at without following a link, is still the one that had {@code fileKey}: then it
     * does not matter how the way to it looks.
     */
    boolean isStill(Path directory, long fileKey) throws IOException {
        requireOpen();
        Node node = look(directory);
        return node != null
                && node.isDirectory()
                && node.device() == rootNode.device()
                && node.stamp().fileKey() == fileKey;
    }

    /** Whether {@code file}, looked at without following a link, is still the one that had {@code stamp}. */
    boolean isStill(Path file, FileStamp stamp) throws IOException {
        requireOpen();
        Node node = look(file);
        return node != null
                && node.isFile()
                && isOnSameFileSystem(node)
                && node.stamp().equals(stamp);
    }

    /** Whether there is this directory; refuses anything else in its place. */
    boolean check(Path directory) throws IOException, PathConflictException {
        requireOpen();
        Node node = look(directory);
        if (directory.equals(root)) {
            boolean same = node != null
                    && node.device() == rootNode.device()
                    && node.stamp().fileKey() == rootNode.stamp().fileKey();
            if (!same) {
                throw new PathConflictException("The storage root " + root
                        + " is not the directory any more that it was at the start; was the disk unmounted?");
            }
            return true;
        }
        if (node == null) {
            return false;
        }
        if (!node.isDirectory()) {
            throw new PathConflictException(directory + " is " + node.kind() + " where a directory must be");
        }
        if (node.device() != rootNode.device()) {
            throw new PathConflictException(directory + " is on another file system than the storage root " + root
                    + "; mount points below it are refused");
        }
        return true;
    }

    /** Makes the names of the directories that lead to {@code path} durable, as far as they are not known to be. */
    void syncDirectoriesTo(FilePath path) throws IOException {
        List<Path> directories = directoriesTo(path);
        for (int i = 1; i < directories.size(); i++) {
            if (!knownDurable.contains(directories.get(i))) {
                sync(directories.get(i - 1));
                if (knownDurable.size() >= MAX_KNOWN_DURABLE) {
                    knownDurable.clear();
                }
                knownDurable.add(directories.get(i));
            }
        }
    }

    /** Makes the name {@code path} durable: in its directory, and the way to that. */
    void syncWayTo(FilePath path) throws IOException {
        FilePath parent = path.parent();
        sync(parent == null ? root : root.resolve(parent.value()));
        syncDirectoriesTo(path);
    }

    /** Removes the directories above {@code path} that are empty, the deepest first, and makes what was done durable. */
    void pruneAbove(FilePath path) throws IOException {
        List<Path> directories = directoriesTo(path);
        int last = directories.size() - 1;
        while (last > 0 && removeIfEmpty(directories.get(last))) {
            last--;
        }
        sync(directories.get(last));
    }

    /** Removes {@code directory} and what is below it when all of that is empty directories; whether it is gone. */
    boolean removeIfEmpty(Path directory) throws IOException {
        // Forgotten before it is removed: whoever makes it again makes its name durable again.
        knownDurable.remove(directory);
        try {
            Files.delete(directory);
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }

    /** As {@link #removeIfEmpty}, with the empty directories below it first. */
    boolean removeEmptyTree(Path directory) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                Node node = look(child);
                if (node != null && (!node.isDirectory() || !removeEmptyTree(child))) {
                    return false;
                }
            }
        }
        return removeIfEmpty(directory);
    }

    /** Makes the names in {@code directory} durable, even for a thread that is being interrupted; its flag stays set. */
    static void sync(Path directory) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    Thread.interrupted();
                } catch (NoSuchFileException e) {
                    // Pruned meanwhile: whoever did that syncs the directory above, which is what counts now.
                    return;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
