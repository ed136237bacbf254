package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import io.filereplication.time.Scheduler;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows of its own disk, in memory and durable: a snapshot file and the logs since, together replayed at the start.
 *
 * <p>Reads are from memory and never wait for I/O. A change is visible at once and durable when its log position has been
 * synced. Only an {@link Change.Intended} must be: with it on disk, the rename that follows it explains itself after a crash. Everything
 * else that gets lost leaves a record whose stamp no longer fits its file, which is then hashed.
 */
final class RecordStore {
    /** A snapshot is written when the logs since the last one have this many bytes, and as many as that one. */
    static final long COMPACT_BYTES = 16 << 20;

    private static final int WRITE_BYTES = 1 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(RecordStore.class);

    private final StorageBackend backend;
    private final GroupId group;
    private final Scheduler scheduler;
    private final RecordLog log;
    private final NodeLog nodeLog;

    private final ConcurrentSkipListMap<FilePath, KnownFile> files;
    private final Map<FilePath, Change.Intended> intents;
    private final Map<OwnName, Change.Staged> staged;

    private final Object mutex = new Object();
    /** Guarded by {@link #mutex}. */
    private final Set<FilePath> changing = new HashSet<>();

    private long compactAt;
    private boolean compactionQueued;
    private boolean compacting;
    private boolean closing;

    private RecordStore(
            StorageBackend backend, GroupId group, Scheduler scheduler, NodeLog nodeLog, RecordReplay replay) {
        this.backend = backend;
        this.group = group;
        this.nodeLog = nodeLog;
        this.scheduler = scheduler;
        this.files = replay.files();
        this.intents = new ConcurrentHashMap<>(replay.intents());
        this.staged = new ConcurrentHashMap<>(replay.staged());
        this.log = new RecordLog(backend, group, replay.nextNumber());
        this.compactAt = Math.max(COMPACT_BYTES, replay.snapshotBytes()) - replay.logBytes();
    }

    NodeLog nodeLog() {
        return nodeLog;
    }

    /** Replays what is on disk; hashes nothing and looks at no published file. */
    static RecordStore open(StorageBackend backend, GroupId group, Scheduler scheduler, NodeLog nodeLog)
            throws StorageException {
        return new RecordStore(backend, group, scheduler, nodeLog, RecordReplay.of(backend, group, nodeLog));
    }

    @Nullable
    KnownFile get(FilePath path) {
        return files.get(path);
    }

    /**
     * What is recorded of {@code path}, or null. Of a file whose rename was intended, and of whose end an error left nothing
     * recorded, what it is if it was renamed: otherwise nobody would ever remove it.
     */
    @Nullable
    LocalRecord record(FilePath path) {
        KnownFile known = files.get(path);
        Change.Intended intent = known == null ? intents.get(path) : null;
        if (known != null) {
            return known.record(path);
        }
        return intent == null ? null : intent.record();
    }

    /** {@link #record} of every path that has one, in path order. */
    List<LocalRecord> page(@Nullable FilePath after, int limit) {
        TreeMap<FilePath, LocalRecord> page = new TreeMap<>();
        for (Change.Intended intent : intents.values()) {
            FilePath path = intent.record().version().path();
            if ((after == null || path.compareTo(after) > 0) && !files.containsKey(path)) {
                page.put(path, intent.record());
            }
        }
        Map<FilePath, KnownFile> behind = after == null ? files : files.tailMap(after, false);
        int taken = 0;
        for (Map.Entry<FilePath, KnownFile> file : behind.entrySet()) {
            if (taken++ >= limit) {
                break;
            }
            page.put(file.getKey(), file.getValue().record(file.getKey()));
        }
        return page.values().stream().limit(limit).toList();
    }

    ConcurrentSkipListMap<FilePath, KnownFile> files() {
        return files;
    }

    Change.@Nullable Intended intent(FilePath path) {
        return intents.get(path);
    }

    List<Change.Intended> intents() {
        return List.copyOf(intents.values());
    }

    List<Change.Staged> staged() {
        return List.copyOf(staged.values());
    }

    boolean knows(OwnName name) {
        return staged.containsKey(name);
    }

    /**
     * Applies {@code change} in memory and queues it for the log, which is written when much is queued; returns its log
     * position.
     */
    long note(Change change) throws StorageException {
        byte[] frame = RecordFormat.frame(change);
        long position;
        synchronized (mutex) {
            position = log.note(frame);
            apply(change, files, intents, staged);
        }
        if (log.queuedBytes() > WRITE_BYTES) {
            log.write(position);
            compactIfDue();
        }
        return position;
    }

    /**
     * Notes a record in the place of {@code expected}, which was read before the disk was looked at.
     *
     * @return false, and nothing is noted, when the record has changed meanwhile, the name is just being changed, or it is not
     *     known whether it was: a record would take the place of the intent that explains what may be there
     */
    boolean noteIfUnchanged(@Nullable KnownFile expected, Change.Recorded change) throws StorageException {
        byte[] frame = RecordFormat.frame(change);
        synchronized (mutex) {
            FilePath path = change.record().version().path();
            if (files.get(path) != expected || changing.contains(path) || intents.containsKey(path)) {
                return false;
            }
            log.note(frame);
            apply(change, files, intents, staged);
        }
        return true;
    }

    /**
     * From here on until {@link #settled} whoever holds {@code path} decides alone what its record says. Called before the
     * manifest is looked at: an older content that is registered anew just then must not be taken for here, because it is about
     * to be replaced or removed.
     */
    void changing(FilePath path) {
        synchronized (mutex) {
            changing.add(path);
        }
    }

    /** Takes {@link #changing} back. */
    void settled(FilePath path) {
        synchronized (mutex) {
            changing.remove(path);
        }
    }

    /** Notes {@code change}; on return it survives the power. */
    void sync(Change change) throws StorageException {
        sync(note(change));
    }

    /** On return everything up to this log position survives the power. */
    void sync(long position) throws StorageException {
        log.sync(position);
        compactIfDue();
    }

    /** On return everything up to this log position survives the process. */
    void write(long position) throws StorageException {
        log.write(position);
    }

    /** Notes {@code change}; on return it survives the process. */
    void write(Change change) throws StorageException {
        log.write(note(change));
    }

    /** Everything noted so far survives the process. */
    void writeNoted() throws StorageException {
        log.writeAll();
    }

    /** Everything noted so far survives the power. */
    void syncNoted() throws StorageException {
        log.syncAll();
    }

    static void apply(
            Change change,
            Map<FilePath, KnownFile> files,
            Map<FilePath, Change.Intended> intents,
            Map<OwnName, Change.Staged> staged) {
        if (change instanceof Change.Recorded recorded) {
            FilePath path = recorded.record().version().path();
            files.put(path, new KnownFile(recorded.record(), recorded.suspect()));
            intents.remove(path);
        } else if (change instanceof Change.Forgotten forgotten) {
            files.remove(forgotten.path());
            intents.remove(forgotten.path());
        } else if (change instanceof Change.Intended intended) {
            intents.put(intended.record().version().path(), intended);
        } else if (change instanceof Change.Staged one) {
            staged.put(one.name(), one);
        } else if (change instanceof Change.Dropped dropped) {
            staged.remove(dropped.name());
        }
    }

    private void compactIfDue() {
        synchronized (mutex) {
            if (compactionQueued || closing || log.bytesWritten() < compactAt) {
                return;
            }
            compactionQueued = true;
        }
        if (!scheduler.tryExecute(this::compactQueued)) {
            synchronized (mutex) {
                compactionQueued = false;
            }
        }
    }

    private void compactQueued() {
        synchronized (mutex) {
            if (closing) {
                return;
            }
            compacting = true;
        }
        long bytes = 0;
        try {
            bytes = compact();
        } catch (StorageException e) {
            nodeLog.failure(LOG, "the local records could not be compacted, which is tried again later", e);
        } finally {
            synchronized (mutex) {
                compactAt = log.bytesWritten() + Math.max(COMPACT_BYTES, bytes);
                compacting = false;
                compactionQueued = false;
                mutex.notifyAll();
            }
        }
    }

    /** Writes a snapshot beside the logs and then deletes what it makes needless; changes go on meanwhile. Returns its size. */
    long compact() throws StorageException {
        // What is noted from here on is replayed on top of the snapshot; that the snapshot may already show it does no
        // harm.
        long number = log.rotate();
        OwnName name = RecordReplay.snapshotName(number);
        long bytes;
        try (WriteHandle out = backend.write(name)) {
            out.truncate(0);
            bytes = writeAll(out);
            out.sync();
        }
        backend.syncNames(Area.RECORDS);
        for (String old : backend.ownNames(Area.RECORDS)) {
            if (RecordReplay.isBefore(old, number)) {
                backend.deleteOwn(new OwnName(Area.RECORDS, old));
            }
        }
        return bytes;
    }

    private long writeAll(WriteHandle out) throws StorageException {
        out.append(RecordFormat.header(group));
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(WRITE_BYTES + RecordFormat.MAX_PAYLOAD);
        long frames = 0;
        for (Map.Entry<FilePath, KnownFile> file : files.entrySet()) {
            LocalRecord record = file.getValue().record(file.getKey());
            buffer.writeBytes(RecordFormat.frame(
                    new Change.Recorded(record, file.getValue().isSuspect())));
            frames++;
            if (buffer.size() >= WRITE_BYTES) {
                synchronized (mutex) {
                    if (closing) {
                        throw new StorageException("The local records are being closed");
                    }
                }
                out.append(ByteBuffer.wrap(buffer.toByteArray()));
                buffer.reset();
            }
        }
        List<Change> rest = new ArrayList<>(intents.values());
        rest.addAll(staged.values());
        for (Change change : rest) {
            buffer.writeBytes(RecordFormat.frame(change));
            frames++;
        }
        buffer.writeBytes(RecordFormat.endFrame(frames));
        out.append(ByteBuffer.wrap(buffer.toByteArray()));
        return out.length();
    }

    /** Writes and fsyncs what is noted, after a compaction that is running has ended. Idempotent. */
    void close() {
        boolean interrupted = false;
        synchronized (mutex) {
            closing = true;
            while (compacting) {
                try {
                    mutex.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        try {
            log.close();
        } catch (StorageException e) {
            nodeLog.warn(
                    LOG,
                    "the last local records could not be written; the files they are about will be hashed again",
                    e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
