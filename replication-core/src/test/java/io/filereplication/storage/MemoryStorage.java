package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.MemoryDisk.Directory;
import io.filereplication.storage.MemoryDisk.Inode;
import io.filereplication.storage.MemoryDisk.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
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
    private static final long UNBOUNDED = 1L << 40;

    private final MemoryDisk disk;
    private final long capacityBytes;
    private final Set<Object> handles = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<String> steps = new ArrayList<>();
    private long crashAtStep = Long.MAX_VALUE;
    private boolean dead;
    private boolean closed;

    /** An empty storage of 1 TiB. */
    public MemoryStorage() {
        this(UNBOUNDED);
    }

    /** An empty storage of {@code capacityBytes}. */
    public MemoryStorage(long capacityBytes) {
        this(new MemoryDisk(), capacityBytes);
    }

    private MemoryStorage(MemoryDisk disk, long capacityBytes) {
        this.disk = disk;
        this.capacityBytes = capacityBytes;
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
            dead = true;
            handles.clear();
            return new MemoryStorage(disk, capacityBytes);
        }
    }

    /** From the step with this number on, counted from 1, nothing is done any more: every call throws {@link SimulatedCrash}. */
    public void crashAtStep(long step) {
        crashAtStep = step;
    }

    /** What was changed so far, in order: {@code append staged/x 5}, {@code sync staged/x}, {@code rename staged/x a/b}, {@code sync-names a}. */
    public List<String> steps() {
        synchronized (disk) {
            return List.copyOf(steps);
        }
    }

    /** Fails when a handle was left open. */
    public void assertNothingOpen() {
        synchronized (disk) {
            if (!handles.isEmpty()) {
                throw new AssertionError("Left open: " + handles);
            }
        }
    }

    /** All published files and their bytes. */
    public Map<FilePath, byte[]> published() {
        Map<FilePath, byte[]> all = new TreeMap<>();
        synchronized (disk) {
            collect(disk.root, "", "", path -> all.put(path, bytes(inode(path))));
        }
        return all;
    }

    /** Puts a file there without any of the replication knowing. Durable. */
    public void placeForeign(FilePath path, byte[] content) {
        synchronized (disk) {
            Directory directory = disk.root;
            for (String segment : segmentsAbove(path)) {
                Node next = directory.live.computeIfAbsent(segment, name -> new Directory());
                disk.sync(directory);
                directory = (Directory) next;
            }
            Inode file = disk.create(directory, lastOf(path));
            file.append(content, content.length, disk.tick());
            file.sync();
            disk.sync(directory);
        }
    }

    /** Flips a bit of the published file without its stamp showing it. */
    public void rot(FilePath path, int offset) {
        synchronized (disk) {
            Inode file = Objects.requireNonNull(inode(path));
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

    private static byte[] bytes(@Nullable Inode file) {
        Objects.requireNonNull(file);
        return Arrays.copyOf(file.data, file.length);
    }

    private void alive() {
        if (dead || steps.size() >= crashAtStep) {
            dead = true;
            throw new SimulatedCrash("the storage is gone");
        }
        if (closed) {
            throw new IllegalStateException("The storage is closed");
        }
    }

    private void step(String step) {
        alive();
        if (steps.size() + 1 >= crashAtStep) {
            dead = true;
            throw new SimulatedCrash(step);
        }
        steps.add(step);
    }

    private static PathConflictException conflict(FilePath path, String found) {
        return new PathConflictException("On the way to " + path + " there is " + found);
    }

    private @Nullable Directory directoryOf(FilePath path) throws PathConflictException {
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

    private static List<String> segmentsAbove(FilePath path) {
        FilePath parent = path.parent();
        return parent == null ? List.of() : List.of(parent.value().split("/", -1));
    }

    private static String lastOf(FilePath path) {
        return path.value().substring(path.value().lastIndexOf('/') + 1);
    }

    private @Nullable Inode inode(FilePath path) {
        try {
            Directory directory = directoryOf(path);
            return directory != null && directory.live.get(lastOf(path)) instanceof Inode file ? file : null;
        } catch (PathConflictException e) {
            return null;
        }
    }

    @Override
    public @Nullable FileStamp stamp(FilePath path) throws StorageException {
        synchronized (disk) {
            alive();
            directoryOf(path);
            Inode file = inode(path);
            return file == null ? null : file.stamp();
        }
    }

    @Override
    public @Nullable ReadHandle open(FilePath path) throws StorageException {
        synchronized (disk) {
            alive();
            directoryOf(path);
            Inode file = inode(path);
            return file == null ? null : new Reading(path.toString(), file);
        }
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        synchronized (disk) {
            Inode file = inode(path);
            if (file == null) {
                throw new StorageException("There is no " + path);
            }
            step("sync " + path);
            file.sync();
            syncWayTo(path);
        }
    }

    private void syncWayTo(FilePath path) throws StorageException {
        for (FilePath above = path.parent(); above != null; above = above.parent()) {
            Node node = Objects.requireNonNull(directoryOf(above)).live.get(lastOf(above));
            syncIfChanged((Directory) Objects.requireNonNull(node), above.toString());
        }
        syncIfChanged(disk.root, ".");
    }

    private void syncIfChanged(Directory directory, String name) {
        if (!directory.live.equals(directory.durable)) {
            step("sync-names " + name);
            disk.sync(directory);
        }
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        synchronized (disk) {
            alive();
            Directory source = disk.area(from.area());
            if (!source.live.containsKey(from.name())) {
                throw new StorageException("There is no " + from);
            }
            Directory target = makeWayTo(path);
            if (target.live.get(lastOf(path)) instanceof Directory foreign) {
                if (!isEmptyTree(foreign)) {
                    throw conflict(path, "a directory with foreign files");
                }
                step("rmdir " + path);
                target.live.remove(lastOf(path));
            }
            step("rename " + from + " " + path);
            disk.rename(source, from.name(), target, lastOf(path));
            syncWayTo(path);
            step("sync-names " + lower(from.area()));
            disk.sync(source);
        }
    }

    private static boolean isEmptyTree(Directory directory) {
        return directory.live.values().stream().allMatch(node -> node instanceof Directory below && isEmptyTree(below));
    }

    private Directory makeWayTo(FilePath path) throws PathConflictException {
        Directory directory = disk.root;
        for (String segment : segmentsAbove(path)) {
            Node next = directory.live.get(segment);
            if (next instanceof Inode) {
                throw conflict(path, "the file " + segment);
            }
            if (next == null) {
                step("mkdir " + segment);
                next = new Directory();
                directory.live.put(segment, next);
            }
            directory = (Directory) next;
        }
        return directory;
    }

    private static String lower(Area area) {
        return area.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        synchronized (disk) {
            alive();
            Directory directory = directoryOf(path);
            if (directory == null || inode(path) == null) {
                return;
            }
            step("unlink " + path);
            directory.live.remove(lastOf(path));
            prune(path);
        }
    }

    private void prune(FilePath path) throws StorageException {
        FilePath above = path.parent();
        while (above != null) {
            Directory holder = Objects.requireNonNull(directoryOf(above));
            Directory directory = (Directory) Objects.requireNonNull(holder.live.get(lastOf(above)));
            if (!directory.live.isEmpty()) {
                step("sync-names " + above);
                disk.sync(directory);
                return;
            }
            step("rmdir " + above);
            holder.live.remove(lastOf(above));
            above = above.parent();
        }
        step("sync-names .");
        disk.sync(disk.root);
    }

    @Override
    public void withdraw(FilePath path, OwnName to) throws StorageException {
        synchronized (disk) {
            alive();
            Directory directory = directoryOf(path);
            if (directory == null || inode(path) == null) {
                throw new StorageException("There is no " + path);
            }
            step("rename " + path + " " + to);
            disk.rename(directory, lastOf(path), disk.area(to.area()), to.name());
            step("sync-names " + lower(to.area()));
            disk.sync(disk.area(to.area()));
            prune(path);
        }
    }

    @Override
    public void list(String prefix, Consumer<FilePath> each) throws StorageException {
        List<FilePath> found = new ArrayList<>();
        synchronized (disk) {
            alive();
            collect(disk.root, "", prefix, found::add);
        }
        found.forEach(each);
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

    @Override
    public List<String> ownNames(Area area) {
        synchronized (disk) {
            alive();
            return List.copyOf(disk.area(area).live.keySet());
        }
    }

    @Override
    public @Nullable ReadHandle openOwn(OwnName name) {
        synchronized (disk) {
            alive();
            return disk.area(name.area()).live.get(name.name()) instanceof Inode file
                    ? new Reading(name.toString(), file)
                    : null;
        }
    }

    @Override
    public WriteHandle write(OwnName name) {
        synchronized (disk) {
            alive();
            Directory area = disk.area(name.area());
            if (!area.live.containsKey(name.name())) {
                step("create " + name);
                disk.create(area, name.name());
            }
            return new Writing(name, (Inode) Objects.requireNonNull(area.live.get(name.name())));
        }
    }

    @Override
    public void deleteOwn(OwnName name) {
        synchronized (disk) {
            alive();
            if (disk.area(name.area()).live.containsKey(name.name())) {
                step("delete " + name);
                disk.area(name.area()).live.remove(name.name());
            }
        }
    }

    @Override
    public void syncNames(Area area) {
        synchronized (disk) {
            step("sync-names " + lower(area));
            disk.sync(disk.area(area));
        }
    }

    @Override
    public Space space() {
        synchronized (disk) {
            alive();
            long used = capacityBytes < UNBOUNDED ? disk.usedBytes() : 0;
            return new Space(Math.max(0, capacityBytes - used), capacityBytes);
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            closed = true;
        }
    }

    @Override
    public String toString() {
        return "memory storage";
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
                alive();
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
            alive();
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
                if (capacityBytes < UNBOUNDED && disk.usedBytes() + bytes.remaining() > capacityBytes) {
                    throw new StorageFullException("No room for " + bytes.remaining() + " bytes of " + name);
                }
                step("append " + name + " " + bytes.remaining());
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
                    step("truncate " + name + " " + length);
                    file.length = (int) length;
                    file.modified = disk.tick();
                }
            }
        }

        @Override
        public void sync() {
            synchronized (disk) {
                open();
                step("sync " + name);
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

    /** Text as bytes. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
