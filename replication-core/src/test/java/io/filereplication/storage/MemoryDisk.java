package io.filereplication.storage;

import io.filereplication.storage.StorageBackend.Area;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The medium of a {@link MemoryStorage}: bytes and names, each as they are seen now and as they are durable. A name is made
 * durable by its directory's fsync, and a renamed file is never without any durable name. Guarded by its own monitor.
 */
final class MemoryDisk {
    /** A file or a directory. */
    sealed interface Node {}

    static final class Inode implements Node {
        final long id;
        byte[] data = new byte[0];
        int length;
        long modified;
        byte[] durable = new byte[0];
        long durableModified;

        Inode(long id, long modified) {
            this.id = id;
            this.modified = modified;
            this.durableModified = modified;
        }

        FileStamp stamp() {
            return new FileStamp(length, modified, id);
        }

        void append(byte[] bytes, int count, long now) {
            if (data.length < length + count) {
                data = Arrays.copyOf(data, Math.max(length + count, 2 * data.length));
            }
            System.arraycopy(bytes, 0, data, length, count);
            length += count;
            modified = now;
        }

        void sync() {
            durable = Arrays.copyOf(data, length);
            durableModified = modified;
        }

        void loseUnsynced() {
            data = durable.clone();
            length = data.length;
            modified = durableModified;
        }
    }

    static final class Directory implements Node {
        final Map<String, Node> live = new TreeMap<>();
        final Map<String, Node> durable = new TreeMap<>();
    }

    private record Rename(Directory from, Directory to, String toName, Inode file) {}

    private static final long UNBOUNDED = 1L << 40;

    final long capacityBytes;
    final Directory root = new Directory();
    final Map<Area, Directory> areas = new EnumMap<>(Area.class);
    private final List<Rename> undurable = new ArrayList<>();
    private long lastId;
    private long clock;

    /** A medium of 1 TiB, none of which is ever used up. */
    MemoryDisk() {
        this(UNBOUNDED);
    }

    MemoryDisk(long capacityBytes) {
        this.capacityBytes = capacityBytes;
        for (Area area : Area.values()) {
            areas.put(area, new Directory());
        }
    }

    Directory area(Area area) {
        return Objects.requireNonNull(areas.get(area));
    }

    long tick() {
        return ++clock;
    }

    Inode create(Directory in, String name) {
        Inode file = new Inode(++lastId, tick());
        in.live.put(name, file);
        return file;
    }

    void rename(Directory from, String fromName, Directory to, String toName) {
        Inode file = (Inode) Objects.requireNonNull(from.live.remove(fromName));
        to.live.put(toName, file);
        undurable.add(new Rename(from, to, toName, file));
    }

    /** Gives {@code file} another name. */
    void link(Inode file, Directory to, String toName) {
        to.live.put(toName, file);
    }

    void sync(Directory directory) {
        directory.durable.clear();
        directory.durable.putAll(directory.live);
        for (Rename rename : List.copyOf(undurable)) {
            if (rename.from == directory && rename.to.live.get(rename.toName) == rename.file) {
                rename.to.durable.put(rename.toName, rename.file);
            }
            if (rename.from == directory || rename.to == directory) {
                // The old name may stay durable for longer than the new one takes, never the other way round.
                undurable.remove(rename);
            }
        }
    }

    /** Loses exactly what was not made durable; with {@code luck} some of it survives after all. */
    void losePower(@Nullable RandomGenerator luck) {
        lose(root, luck);
        areas.values().forEach(area -> lose(area, luck));
        undurable.clear();
    }

    private void lose(Directory directory, @Nullable RandomGenerator luck) {
        // That an old name is gone survives only together with the new name and the way to it, as in a journal.
        boolean namesSurvive =
                luck != null && luck.nextBoolean() && undurable.stream().noneMatch(rename -> rename.from == directory);
        if (namesSurvive) {
            sync(directory);
        }
        directory.live.clear();
        directory.live.putAll(directory.durable);
        for (Node node : directory.live.values()) {
            if (node instanceof Directory below) {
                lose(below, luck);
            } else if (node instanceof Inode file) {
                if (luck == null || luck.nextBoolean()) {
                    file.loseUnsynced();
                } else {
                    file.sync();
                }
            }
        }
    }

    boolean lacksRoomFor(long bytes) {
        return capacityBytes < UNBOUNDED && usedBytes() + bytes > capacityBytes;
    }

    long freeBytes() {
        return Math.max(0, capacityBytes - (capacityBytes < UNBOUNDED ? usedBytes() : 0));
    }

    private long usedBytes() {
        Set<Inode> files = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(root, files);
        areas.values().forEach(area -> collect(area, files));
        return files.stream().mapToLong(file -> file.length).sum();
    }

    /** A file with several names uses its bytes once. */
    private static void collect(Directory directory, Set<Inode> files) {
        for (Node node : directory.live.values()) {
            if (node instanceof Directory below) {
                collect(below, files);
            } else {
                files.add((Inode) node);
            }
        }
    }
}
