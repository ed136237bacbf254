package io.filereplication.simulation;

import io.filereplication.FilePath;
import io.filereplication.storage.FileStamp;
import io.filereplication.storage.MemoryStorage;
import io.filereplication.storage.ResumeNotSupportedException;
import io.filereplication.storage.SimulatedCrash;
import io.filereplication.storage.StorageBackend;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageFullException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One life's way to its node's disk. Every call is a step, takes time, and may fail in every way that disks fail in; at any
 * step the process may die, in the middle of a call that consists of several.
 *
 * <p>Nobody else's turn comes inside a call that concerns the records: their writer holds its lock meanwhile.
 */
final class SimulatedDisk implements StorageBackend {
    private static final long MOST_USUAL = 2_000_000;
    private static final long MOST_SLOW = 8_000_000_000L;

    private final Kernel kernel;
    private final Faults faults;
    private final SimulatedNode node;
    private final MemoryStorage storage;

    SimulatedDisk(Kernel kernel, Faults faults, SimulatedNode node, MemoryStorage storage) {
        this.kernel = kernel;
        this.faults = faults;
        this.node = node;
        this.storage = storage;
    }

    /** A call to the medium. */
    private interface Call<T> {
        T run() throws StorageException;
    }

    private <T> T read(String what, Area area, long detail, Call<T> call) throws StorageException {
        return call(what, area, detail, call, false);
    }

    private <T> T change(String what, Area area, long detail, Call<T> call) throws StorageException {
        return call(what, area, detail, call, true);
    }

    private <T> T call(String what, Area area, long detail, Call<T> call, boolean changes) throws StorageException {
        boolean mayWait = area != Area.RECORDS;
        if (mayWait) {
            kernel.step(what, detail);
            takeTime();
            if (node.isSlowToVerify() && what.equals("read") && faults.below(2) == 0) {
                lose(faults.between(1, MOST_SLOW / 2));
            }
        } else {
            kernel.note(what, detail);
        }
        if (node.process().hasEnded()) {
            throw new ProcessEndedError(node.toString());
        }
        if (changes && node.crashesNow()) {
            return crashWithin(call);
        }
        boolean late = faults.below(2) == 0;
        boolean fails = faults.happens(FaultKind.STORAGE_ERROR);
        if (fails && !(late && changes)) {
            faults.felt(FaultKind.STORAGE_ERROR, node);
            throw new StorageException("Injected: " + what);
        }
        T result = call.run();
        if (fails) {
            faults.felt(FaultKind.STORAGE_ERROR, node);
            if (result instanceof AutoCloseable handle) {
                closeQuietly(handle);
            }
            throw new StorageException("Injected after it was done: " + what);
        }
        return result;
    }

    private static void closeQuietly(AutoCloseable handle) {
        try {
            handle.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void takeTime() {
        if (faults.happens(FaultKind.SLOW_STORAGE)) {
            faults.felt(FaultKind.SLOW_STORAGE, node);
            lose(faults.between(MOST_USUAL, MOST_SLOW));
        } else if (faults.below(4) == 0) {
            lose(faults.between(1, MOST_USUAL));
        }
    }

    private void lose(long nanos) {
        node.losesTimeUntil(kernel.now() + nanos);
        kernel.pause(nanos);
    }

    /** The process dies somewhere between the steps of this call, or right behind it. */
    private <T> T crashWithin(Call<T> call) {
        storage.crashAtStep(storage.steps().size() + 1L + faults.below(4));
        try {
            call.run();
        } catch (SimulatedCrash | StorageException e) {
            kernel.trace().comment("crash within: " + e.getMessage());
        }
        node.die();
        throw new ProcessEndedError(node.toString());
    }

    private void tell(String what, Object whom) {
        if (kernel.trace().isHeard()) {
            kernel.trace().comment("    " + node + " " + what + " " + whom);
        }
    }

    @Override
    public @Nullable FileStamp stamp(FilePath path) throws StorageException {
        return read("stamp", Area.STAGED, path.hashCode(), () -> storage.stamp(path));
    }

    @Override
    public @Nullable ReadHandle open(FilePath path) throws StorageException {
        return read("open", Area.STAGED, path.hashCode(), () -> reading(storage.open(path), Area.STAGED));
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        change("sync", Area.STAGED, path.hashCode(), () -> {
            storage.sync(path);
            return true;
        });
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        tell("publishes " + path + " from", from);
        change("commit", Area.STAGED, path.hashCode(), () -> {
            try {
                storage.commit(from, path);
            } finally {
                node.nameChanged(path);
            }
            return true;
        });
    }

    @Override
    public List<@Nullable StorageException> commitAll(List<Commit> commits) {
        for (Commit commit : commits) {
            tell("publishes " + commit.path() + " together from", commit.from());
        }
        try {
            return change("commit-all", Area.STAGED, commits.size(), () -> {
                try {
                    return storage.commitAll(commits);
                } finally {
                    commits.forEach(commit -> node.nameChanged(commit.path()));
                }
            });
        } catch (StorageException e) {
            return Collections.nCopies(commits.size(), e);
        }
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        change("delete", Area.STAGED, path.hashCode(), () -> {
            try {
                storage.delete(path);
            } finally {
                node.nameChanged(path);
            }
            return true;
        });
    }

    @Override
    public void withdraw(FilePath path, OwnName to) throws StorageException {
        change("withdraw", Area.STAGED, path.hashCode(), () -> {
            try {
                storage.withdraw(path, to);
            } finally {
                node.nameChanged(path);
            }
            return true;
        });
    }

    @Override
    public void preserve(FilePath path, OwnName as) throws StorageException {
        if (node.world().variant().makesRoomFirst()) {
            withdraw(path, as);
            return;
        }
        change("preserve", Area.STAGED, path.hashCode(), () -> {
            storage.preserve(path, as);
            return true;
        });
    }

    @Override
    public void list(String prefix, Consumer<FilePath> each) throws StorageException {
        read("list", Area.STAGED, 0, () -> {
            storage.list(prefix, each);
            return true;
        });
    }

    @Override
    public List<String> ownNames(Area area) throws StorageException {
        return read("own-names", area, area.name().hashCode(), () -> storage.ownNames(area));
    }

    @Override
    public @Nullable ReadHandle openOwn(OwnName name) throws StorageException {
        return read("open-own", name.area(), name.name().hashCode(), () -> reading(storage.openOwn(name), name.area()));
    }

    @Override
    public WriteHandle write(OwnName name) throws StorageException {
        tell("writes", name);
        return change("write", name.area(), name.name().hashCode(), () -> new Writing(name, storage.write(name)));
    }

    @Override
    public void deleteOwn(OwnName name) throws StorageException {
        tell("deletes", name);
        change("delete-own", name.area(), name.name().hashCode(), () -> {
            storage.deleteOwn(name);
            return true;
        });
    }

    @Override
    public void syncNames(Area area) throws StorageException {
        change("sync-names", area, area.name().hashCode(), () -> {
            storage.syncNames(area);
            return true;
        });
    }

    @Override
    public Space space() throws StorageException {
        Space space = read("space", Area.STAGED, 0, storage::space);
        if (node.isFull()) {
            faults.felt(FaultKind.DISK_FULL, node);
            return new Space(0, space.totalBytes());
        }
        return space;
    }

    @Override
    public void close() {
        storage.close();
    }

    @Override
    public String toString() {
        return "disk of " + node.id();
    }

    private @Nullable ReadHandle reading(@Nullable ReadHandle handle, Area area) {
        return handle == null ? null : new Reading(handle, area);
    }

    /** A file open for reading. */
    private final class Reading implements ReadHandle {
        private final ReadHandle handle;
        private final Area area;

        Reading(ReadHandle handle, Area area) {
            this.handle = handle;
            this.area = area;
        }

        @Override
        public FileStamp stamp() {
            return handle.stamp();
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            return SimulatedDisk.this.read("read", area, position, () -> handle.read(target, position));
        }

        @Override
        public void close() {
            handle.close();
        }
    }

    /** An own file open for writing. */
    private final class Writing implements WriteHandle {
        private final OwnName name;
        private final WriteHandle handle;
        /** Whether these bytes cannot be continued, only begun again. */
        private boolean finished;

        Writing(OwnName name, WriteHandle handle) {
            this.name = name;
            this.handle = handle;
            this.finished = node.isAppendless() && name.area() == Area.STAGED && handle.length() > 0;
        }

        private void refuseToContinue() throws ResumeNotSupportedException {
            if (finished) {
                faults.felt(FaultKind.RESUME_REFUSED, node);
                throw new ResumeNotSupportedException("Staged bytes cannot be continued");
            }
        }

        @Override
        public long length() {
            return handle.length();
        }

        @Override
        public int read(ByteBuffer target, long position) throws StorageException {
            return SimulatedDisk.this.read("read-own", name.area(), position, () -> handle.read(target, position));
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            change("append", name.area(), bytes.remaining(), () -> {
                refuseToContinue();
                if (name.area() == Area.STAGED && node.isFull()) {
                    faults.felt(FaultKind.DISK_FULL, node);
                    throw new StorageFullException("Injected: no room for " + name);
                }
                if (bytes.remaining() > 0 && faults.happens(FaultKind.SHORT_WRITE)) {
                    handle.append(bytes.slice(bytes.position(), faults.below(bytes.remaining())));
                    faults.felt(FaultKind.SHORT_WRITE, node);
                    throw new StorageException("Injected: a short write to " + name);
                }
                handle.append(bytes);
                return true;
            });
        }

        @Override
        public void truncate(long length) throws StorageException {
            change("truncate", name.area(), length, () -> {
                if (length > 0) {
                    refuseToContinue();
                }
                finished = false;
                handle.truncate(length);
                return true;
            });
        }

        @Override
        public void sync() throws StorageException {
            change("sync-own", name.area(), name.name().hashCode(), () -> {
                if (name.area() == Area.RECORDS || !node.world().variant().skipsFsync()) {
                    handle.sync();
                }
                return true;
            });
        }

        @Override
        public FileStamp stamp() throws StorageException {
            return SimulatedDisk.this.read("stamp-own", name.area(), 0, handle::stamp);
        }

        @Override
        public void close() {
            handle.close();
        }
    }
}
