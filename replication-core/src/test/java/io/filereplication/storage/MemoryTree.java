package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.MemoryDisk.Directory;
import io.filereplication.storage.MemoryDisk.Inode;
import io.filereplication.storage.MemoryDisk.Node;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The published names of a {@link MemoryStorage} and the directories they lie in. Guarded by the disk's monitor. */
final class MemoryTree {
    private final MemoryDisk disk;
    private final MemorySteps steps;

    MemoryTree(MemoryDisk disk, MemorySteps steps) {
        this.disk = disk;
        this.steps = steps;
    }

    static String lastOf(FilePath path) {
        return path.value().substring(path.value().lastIndexOf('/') + 1);
    }

    static List<String> segmentsAbove(FilePath path) {
        FilePath parent = path.parent();
        return parent == null ? List.of() : List.of(parent.value().split("/", -1));
    }

    private static PathConflictException conflict(FilePath path, String found) {
        return new PathConflictException("On the way to " + path + " there is " + found);
    }

    /** The directory that {@code path} lies in, or null. */
    @Nullable
    Directory directoryOf(FilePath path) throws PathConflictException {
        Directory directory = disk.root;
        for (String segment : segmentsAbove(path)) {
            Node next = directory.live.get(segment);
            if (next == null) {
                return null;
            }
            if (!(next instanceof Directory below)) {
                throw conflict(path, "the file " + segment);
            }
            directory = below;
        }
        return directory;
    }

    @Nullable
    Inode file(FilePath path) throws PathConflictException {
        Directory directory = directoryOf(path);
        return directory != null && directory.live.get(lastOf(path)) instanceof Inode file ? file : null;
    }

    Inode existing(FilePath path) throws StorageException {
        Inode file = file(path);
        if (file == null) {
            throw new StorageException("There is no " + path);
        }
        return file;
    }

    /** The directory that {@code path} lies in, made if it is missing. */
    Directory makeWayTo(FilePath path) throws PathConflictException {
        Directory directory = disk.root;
        for (String segment : segmentsAbove(path)) {
            Node next = directory.live.get(segment);
            if (next instanceof Inode) {
                throw conflict(path, "the file " + segment);
            }
            if (next == null) {
                steps.step("mkdir " + segment);
                next = new Directory();
                directory.live.put(segment, next);
            }
            directory = (Directory) next;
        }
        return directory;
    }

    /** Removes a directory without files that stands in the place of {@code path}. */
    void makeRoomAt(Directory target, FilePath path) throws PathConflictException {
        if (target.live.get(lastOf(path)) instanceof Directory foreign) {
            if (!isEmptyTree(foreign)) {
                throw conflict(path, "a directory with foreign files");
            }
            steps.step("rmdir " + path);
            target.live.remove(lastOf(path));
        }
    }

    private static boolean isEmptyTree(Directory directory) {
        return directory.live.values().stream().allMatch(node -> node instanceof Directory below && isEmptyTree(below));
    }

    /** Makes the names of the directories that lead to {@code path} durable. */
    void syncDirectoriesTo(FilePath path) throws StorageException {
        FilePath parent = path.parent();
        if (parent != null) {
            syncWayTo(parent);
        }
    }

    /** Makes the name {@code path} durable, and the way to it. */
    void syncWayTo(FilePath path) throws StorageException {
        for (FilePath above = path.parent(); above != null; above = above.parent()) {
            Node node = Objects.requireNonNull(directoryOf(above)).live.get(lastOf(above));
            syncIfChanged((Directory) Objects.requireNonNull(node), above.toString());
        }
        syncIfChanged(disk.root, ".");
    }

    private void syncIfChanged(Directory directory, String name) {
        if (!directory.live.equals(directory.durable)) {
            steps.step("sync-names " + name);
            disk.sync(directory);
        }
    }

    /** Removes the directories above {@code path} that are empty. */
    void prune(FilePath path) throws StorageException {
        FilePath above = path.parent();
        while (above != null) {
            Directory holder = Objects.requireNonNull(directoryOf(above));
            Directory directory = (Directory) Objects.requireNonNull(holder.live.get(lastOf(above)));
            if (!directory.live.isEmpty()) {
                steps.step("sync-names " + above);
                disk.sync(directory);
                return;
            }
            steps.step("rmdir " + above);
            holder.live.remove(lastOf(above));
            above = above.parent();
        }
        steps.step("sync-names .");
        disk.sync(disk.root);
    }

    /** Hands over every path that begins with {@code prefix}, with its file. */
    void collect(String prefix, Consumer<FilePath> each) {
        collect(disk.root, "", prefix, each);
    }

    private static void collect(Directory directory, String above, String prefix, Consumer<FilePath> each) {
        directory.live.forEach((name, node) -> {
            String path = above + name;
            if (node instanceof Directory below) {
                collect(below, path + "/", prefix, each);
            } else if (path.startsWith(prefix)) {
                each.accept(FilePath.of(path));
            }
        });
    }
}
