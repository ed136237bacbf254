package io.filereplication.storage;

import io.filereplication.GroupId;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The append-only log behind the records, with group commit: whoever wants durability first writes and fsyncs for all who have come
 * meanwhile, so many publishing threads share an fsync.
 *
 * <p>Nothing is ever appended to a file of an earlier process or after an error: a new file is begun, and what had not reached the
 * old one goes there. So a torn tail is always at the end of a file, and a full disk heals by itself.
 *
 * <p>Thread-safe; an interrupt neither ends a wait nor the file.
 */
final class RecordLog {
    /** Most bytes that wait to be written; more means that the disk has been failing for long. */
    static final int MAX_QUEUED_BYTES = 64 << 20;
    /** More bytes than this that were written without an fsync are fsynced with the next ones. */
    static final int MAX_UNSYNCED_BYTES = 1 << 20;

    private final StorageBackend backend;
    private final GroupId group;

    private final Object mutex = new Object();
    private final ByteArrayOutputStream queue = new ByteArrayOutputStream();
    private long noted;
    private long written;
    private long synced;
    private boolean busy;
    private boolean closed;
    private long bytesWritten;

    // Touched only by the thread that has made the log busy.
    private @Nullable WriteHandle file;
    private long nextNumber;
    private final ByteArrayOutputStream unsynced = new ByteArrayOutputStream();

    /** A log whose next file has {@code nextNumber}. */
    RecordLog(StorageBackend backend, GroupId group, long nextNumber) {
        this.backend = backend;
        this.group = group;
        this.nextNumber = nextNumber;
    }

    static OwnName logName(long number) {
        return new OwnName(Area.RECORDS, String.format("log-%016d", number));
    }

    /** Queues a frame; returns the position to wait for. No I/O. */
    long note(byte[] frame) throws StorageException {
        synchronized (mutex) {
            if (closed) {
                throw new StorageException("The local records are closed");
            }
            if (queue.size() + frame.length > MAX_QUEUED_BYTES) {
                throw new StorageException(
                        "Local records could not be written for so long that " + queue.size() + " bytes wait");
            }
            queue.writeBytes(frame);
            noted += frame.length;
            return noted;
        }
    }

    /** Writes everything up to {@code position} to the file: it survives the process. */
    void write(long position) throws StorageException {
        advance(position, false);
    }

    /** Writes and fsyncs everything up to {@code position}: it survives the power. */
    void sync(long position) throws StorageException {
        advance(position, true);
    }

    /** {@link #write} of everything noted so far. */
    void writeAll() throws StorageException {
        advance(allNoted(), false);
    }

    /** {@link #sync} of everything noted so far. */
    void syncAll() throws StorageException {
        advance(allNoted(), true);
    }

    private long allNoted() {
        synchronized (mutex) {
            return noted;
        }
    }

    private void advance(long position, boolean durable) throws StorageException {
        byte[] batch;
        long end;
        synchronized (mutex) {
            awaitIdle(position, durable);
            if ((durable ? synced : written) >= position) {
                return;
            }
            busy = true;
            batch = queue.toByteArray();
            end = noted;
            queue.reset();
        }
        boolean fsync = durable || unsynced.size() + batch.length > MAX_UNSYNCED_BYTES;
        boolean done = false;
        try {
            append(batch, fsync);
            done = true;
        } finally {
            synchronized (mutex) {
                busy = false;
                if (done) {
                    written = end;
                    synced = fsync ? end : synced;
                    bytesWritten += batch.length;
                } else {
                    requeue(batch);
                    letGo();
                }
                mutex.notifyAll();
            }
        }
    }

    private void append(byte[] batch, boolean fsync) throws StorageException {
        WriteHandle target = file;
        if (target == null) {
            target = backend.write(logName(nextNumber++));
            file = target;
            target.append(RecordFormat.header(group));
            backend.syncNames(Area.RECORDS);
        }
        if (batch.length > 0) {
            target.append(ByteBuffer.wrap(batch));
        }
        if (fsync) {
            target.sync();
            unsynced.reset();
        } else {
            unsynced.writeBytes(batch);
        }
    }

    /** After a failed fsync nobody knows what of the file is durable: all of it that is not known to be goes to the next file. */
    private void requeue(byte[] batch) {
        byte[] later = queue.toByteArray();
        queue.reset();
        queue.writeBytes(unsynced.toByteArray());
        queue.writeBytes(batch);
        queue.writeBytes(later);
        unsynced.reset();
        written = synced;
    }

    /** Ends the file in use after everything noted so far is durable; returns a number above its own and below those of later files. */
    long rotate() throws StorageException {
        syncAll();
        synchronized (mutex) {
            awaitIdle(Long.MAX_VALUE, true);
            letGo();
            return nextNumber++;
        }
    }

    /** Bytes that are noted and not written yet. */
    int queuedBytes() {
        synchronized (mutex) {
            return queue.size();
        }
    }

    /** Bytes appended since this log was opened. */
    long bytesWritten() {
        synchronized (mutex) {
            return bytesWritten;
        }
    }

    private void letGo() {
        WriteHandle open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    /** Waits while another thread writes, unless everything up to {@code position} is done. An interrupt is kept for later. */
    private void awaitIdle(long position, boolean durable) {
        boolean interrupted = false;
        while (busy && (durable ? synced : written) < position) {
            try {
                mutex.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes and fsyncs what is queued, as far as the disk lets it, and closes the file. Idempotent. */
    void close() throws StorageException {
        synchronized (mutex) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            syncAll();
        } finally {
            synchronized (mutex) {
                awaitIdle(Long.MAX_VALUE, true);
                letGo();
            }
        }
    }
}
