package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.MemoryDisk.Directory;
import io.filereplication.storage.MemoryDisk.Inode;
import io.filereplication.storage.MemoryDisk.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A strict {@link StorageBackend} in memory. It keeps unsynced bytes and unsynced names apart from durable ones, logs every
 * step, stops at a given one, and complains about what was left open.
 *
 * <p>{@link #crash}, {@link #kill} and {@link #reopen} return the storage that is found afterwards; this one is dead from then on.
 */
public final class MemoryStorage implements StorageBackend {
    private final MemoryDisk disk;
    private final MemorySteps steps = new MemorySteps();
    private final MemoryTree tree;
    private final MemoryHandles handles;

    /** An empty storage of 1 TiB. */
    public MemoryStorage() {
        this(new MemoryDisk());
    }

    /** An empty storage of {@code capacityBytes}. */
    public MemoryStorage(long capacityBytes) {
        this(new MemoryDisk(capacityBytes));
    }

    private MemoryStorage(MemoryDisk disk) {
        this.disk = disk;
        this.tree = new MemoryTree(disk, steps);
        this.handles = new MemoryHandles(disk, steps);
    }

    /** The power fails: exactly what was not fsynced is lost. */
    public MemoryStorage crash() {
        synchronized (disk) {
            disk.losePower(null);
            return reopen();
        }
    }

    /** The power fails, and some of what was not fsynced survives. */
    public MemoryStorage crash(RandomGenerator luck) {
        synchronized (disk) {
            disk.losePower(luck);
            return reopen();
        }
    }

    /** The process is killed: nothing is lost. */
    public MemoryStorage kill() {
        return reopen();
    }

    /** The same storage for another process. */
    public MemoryStorage reopen() {
        synchronized (disk) {
            steps.die();
            handles.clear();
            return new MemoryStorage(disk);
        }
    }

    /** From the step with this number on, counted from 1, nothing is done any more: every call throws {@link SimulatedCrash}. */
    public void crashAtStep(long step) {
        steps.crashAt(step);
    }

    /** What was changed so far, in order: {@code append staged/x 5}, {@code sync staged/x}, {@code rename staged/x a/b}, {@code sync-names a}. */
    public List<String> steps() {
        synchronized (disk) {
            return steps.done();
        }
    }

    /** Fails when a handle was left open. */
    public void assertNothingOpen() {
        synchronized (disk) {
            handles.assertNothingOpen();
        }
    }

    /** All published files and their bytes. */
    public Map<FilePath, byte[]> published() {
        Map<FilePath, byte[]> all = new TreeMap<>();
        synchronized (disk) {
            tree.collect("", path -> all.put(path, bytes(inode(path))));
        }
        return all;
    }

    /** Puts a file there without any of the replication knowing. Durable. */
    public void placeForeign(FilePath path, byte[] content) {
        synchronized (disk) {
            Directory directory = disk.root;
            for (String segment : MemoryTree.segmentsAbove(path)) {
                Node next = directory.live.computeIfAbsent(segment, name -> new Directory());
                disk.sync(directory);
                directory = (Directory) next;
            }
            Inode file = disk.create(directory, MemoryTree.lastOf(path));
            file.append(content, content.length, disk.tick());
            file.sync();
            disk.sync(directory);
        }
    }

    /** Flips a bit of the published file without its stamp showing it. */
    public void rot(FilePath path, int offset) {
        synchronized (disk) {
            Inode file = inode(path);
            file.data[offset] ^= 1;
            file.durable = bytes(file);
        }
    }

    /** Flips a bit of an own file. */
    public void rotOwn(OwnName name, int offset) {
        synchronized (disk) {
            Inode file =
                    (Inode) Objects.requireNonNull(disk.area(name.area()).live.get(name.name()));
            file.data[offset] ^= 1;
            file.durable = bytes(file);
        }
    }

    private static byte[] bytes(Inode file) {
        return Arrays.copyOf(file.data, file.length);
    }

    private Inode inode(FilePath path) {
        try {
            return Objects.requireNonNull(tree.file(path));
        } catch (PathConflictException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String lower(Area area) {
        return area.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable FileStamp stamp(FilePath path) throws StorageException {
        synchronized (disk) {
            steps.alive();
            Inode file = tree.file(path);
            return file == null ? null : file.stamp();
        }
    }

    @Override
    public @Nullable ReadHandle open(FilePath path) throws StorageException {
        synchronized (disk) {
            steps.alive();
            Inode file = tree.file(path);
            return file == null ? null : handles.reading(path.toString(), file);
        }
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        synchronized (disk) {
            Inode file = tree.existing(path);
            steps.step("sync " + path);
            file.sync();
            tree.syncWayTo(path);
        }
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        StorageException failure = commitAll(List.of(new Commit(from, path))).get(0);
        if (failure != null) {
            throw failure;
        }
    }

    /** All renames first, then what makes them durable: as late as the port allows. */
    @Override
    public List<@Nullable StorageException> commitAll(List<Commit> commits) {
        List<@Nullable StorageException> failures = new ArrayList<>();
        synchronized (disk) {
            for (Commit commit : commits) {
                StorageException failure = null;
                try {
                    rename(commit.from(), commit.path());
                } catch (StorageException e) {
                    failure = e;
                }
                failures.add(failure);
            }
            try {
                syncAll(commits, failures);
            } catch (StorageException e) {
                failures.replaceAll(failure -> failure == null ? e : failure);
            }
        }
        return failures;
    }

    private void syncAll(List<Commit> commits, List<@Nullable StorageException> failures) throws StorageException {
        Set<Area> areas = EnumSet.noneOf(Area.class);
        Set<@Nullable FilePath> directories = new HashSet<>();
        for (int i = 0; i < commits.size(); i++) {
            FilePath path = commits.get(i).path();
            if (failures.get(i) == null) {
                areas.add(commits.get(i).from().area());
                if (directories.add(path.parent())) {
                    tree.syncWayTo(path);
                }
            }
        }
        for (Area area : areas) {
            steps.step("sync-names " + lower(area));
            disk.sync(disk.area(area));
        }
    }

    private void rename(OwnName from, FilePath path) throws StorageException {
        steps.alive();
        Directory source = disk.area(from.area());
        if (!source.live.containsKey(from.name())) {
            throw new StorageException("There is no " + from);
        }
        Directory target = tree.makeWayTo(path);
        tree.syncDirectoriesTo(path);
        tree.makeRoomAt(target, path);
        steps.step("rename " + from + " " + path);
        disk.rename(source, from.name(), target, MemoryTree.lastOf(path));
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        synchronized (disk) {
            steps.alive();
            Directory directory = tree.directoryOf(path);
            if (directory == null || tree.file(path) == null) {
                return;
            }
            steps.step("unlink " + path);
            directory.live.remove(MemoryTree.lastOf(path));
            tree.prune(path);
        }
    }

    @Override
    public void withdraw(FilePath path, OwnName to) throws StorageException {
        synchronized (disk) {
            steps.alive();
            tree.existing(path);
            steps.step("rename " + path + " " + to);
            disk.rename(
                    Objects.requireNonNull(tree.directoryOf(path)),
                    MemoryTree.lastOf(path),
                    disk.area(to.area()),
                    to.name());
            steps.step("sync-names " + lower(to.area()));
            disk.sync(disk.area(to.area()));
            tree.prune(path);
        }
    }

    @Override
    public void preserve(FilePath path, OwnName as) throws StorageException {
        synchronized (disk) {
            steps.alive();
            Inode file = tree.existing(path);
            Directory area = disk.area(as.area());
            if (area.live.containsKey(as.name())) {
                throw new StorageException("There is already " + as);
            }
            steps.step("link " + path + " " + as);
            disk.link(file, area, as.name());
            steps.step("sync-names " + lower(as.area()));
            disk.sync(area);
        }
    }

    @Override
    public void list(String prefix, Consumer<FilePath> each) throws StorageException {
        List<FilePath> found = new ArrayList<>();
        synchronized (disk) {
            steps.alive();
            tree.collect(prefix, found::add);
        }
        found.forEach(each);
    }

    @Override
    public List<String> ownNames(Area area) {
        synchronized (disk) {
            steps.alive();
            return List.copyOf(disk.area(area).live.keySet());
        }
    }

    @Override
    public @Nullable ReadHandle openOwn(OwnName name) {
        synchronized (disk) {
            steps.alive();
            return disk.area(name.area()).live.get(name.name()) instanceof Inode file
                    ? handles.reading(name.toString(), file)
                    : null;
        }
    }

    @Override
    public WriteHandle write(OwnName name) {
        synchronized (disk) {
            steps.alive();
            Directory area = disk.area(name.area());
            if (!area.live.containsKey(name.name())) {
                steps.step("create " + name);
                disk.create(area, name.name());
            }
            return handles.writing(name, (Inode) Objects.requireNonNull(area.live.get(name.name())));
        }
    }

    @Override
    public void deleteOwn(OwnName name) {
        synchronized (disk) {
            steps.alive();
            if (disk.area(name.area()).live.containsKey(name.name())) {
                steps.step("delete " + name);
                disk.area(name.area()).live.remove(name.name());
            }
        }
    }

    @Override
    public void syncNames(Area area) {
        synchronized (disk) {
            steps.step("sync-names " + lower(area));
            disk.sync(disk.area(area));
        }
    }

    @Override
    public Space space() {
        synchronized (disk) {
            steps.alive();
            return new Space(disk.freeBytes(), disk.capacityBytes);
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            steps.close();
        }
    }

    @Override
    public String toString() {
        return "memory storage";
    }

    /** Text as bytes. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
