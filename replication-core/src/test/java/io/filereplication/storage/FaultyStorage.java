package io.filereplication.storage;

import io.filereplication.FilePath;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** A storage some of whose calls fail: those whose description a predicate takes, for instance {@code append staged/x}. */
public final class FaultyStorage extends ForwardingStorage {
    private Predicate<String> failing = call -> false;
    private Fault fault = Fault.IO_ERROR;
    private long calls;

    /** How a call fails. */
    public enum Fault {
        /** Nothing is done. */
        IO_ERROR,
        /** An append writes half of its bytes; any other call does nothing. */
        SHORT_WRITE,
        /** An append finds no room; any other call does nothing. */
        DISK_FULL,
        /** Everything is done, and the error comes afterwards. */
        LATE_ERROR
    }

    public FaultyStorage(StorageBackend to) {
        super(to);
    }

    /** From now on calls fail that {@code which} takes. */
    public synchronized void failWhen(Fault how, Predicate<String> which) {
        fault = how;
        failing = which;
    }

    /** From now on one call fails: the {@code n}th that changes something, counted from 1. */
    public synchronized void failAt(Fault how, long n) {
        long from = calls;
        failWhen(how, call -> calls == from + n);
    }

    /** Nothing fails any more. */
    public synchronized void heal() {
        failing = call -> false;
    }

    /** How many calls that change something were made. */
    public synchronized long calls() {
        return calls;
    }

    /** A call that changes something. */
    private interface Call {
        void run() throws StorageException;
    }

    private void run(String description, Call call) throws StorageException {
        Fault how = null;
        synchronized (this) {
            calls++;
            if (failing.test(description)) {
                how = fault;
            }
        }
        if (how == Fault.LATE_ERROR || how == null) {
            call.run();
        }
        if (how == Fault.DISK_FULL && description.startsWith("append")) {
            throw new StorageFullException("Injected: " + description);
        }
        if (how != null) {
            throw new StorageException("Injected: " + description);
        }
    }

    private synchronized boolean writesHalf(String description) {
        if (fault == Fault.SHORT_WRITE) {
            calls++;
            boolean fails = failing.test(description);
            calls--;
            return fails;
        }
        return false;
    }

    @Override
    public void sync(FilePath path) throws StorageException {
        run("sync " + path, () -> super.sync(path));
    }

    @Override
    public void commit(OwnName from, FilePath path) throws StorageException {
        run("commit " + from + " " + path, () -> super.commit(from, path));
    }

    @Override
    public void delete(FilePath path) throws StorageException {
        run("delete " + path, () -> super.delete(path));
    }

    @Override
    public void withdraw(FilePath path, OwnName to) throws StorageException {
        run("withdraw " + path + " " + to, () -> super.withdraw(path, to));
    }

    @Override
    public void preserve(FilePath path, OwnName as) throws StorageException {
        run("preserve " + path + " " + as, () -> super.preserve(path, as));
    }

    @Override
    public void deleteOwn(OwnName name) throws StorageException {
        run("delete " + name, () -> super.deleteOwn(name));
    }

    @Override
    public void syncNames(Area area) throws StorageException {
        run("sync-names " + area, () -> super.syncNames(area));
    }

    @Override
    public WriteHandle write(OwnName name) throws StorageException {
        run("write " + name, () -> {});
        return new FaultyHandle(super.write(name), name);
    }

    private final class FaultyHandle extends ForwardingHandle {
        private final OwnName name;

        FaultyHandle(WriteHandle to, OwnName name) {
            super(to);
            this.name = name;
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            String description = "append " + name;
            if (writesHalf(description)) {
                super.append(bytes.slice(bytes.position(), bytes.remaining() / 2));
            }
            run(description, () -> super.append(bytes));
        }

        @Override
        public void truncate(long length) throws StorageException {
            run("truncate " + name, () -> super.truncate(length));
        }

        @Override
        public void sync() throws StorageException {
            run("sync " + name, () -> super.sync());
        }
    }
}
