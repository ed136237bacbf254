package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records as they are found at the start: the newest whole snapshot, then the logs from its number on, in order. */
final class RecordReplay {
    private static final int READ_BYTES = 4 << 20;
    private static final String LOG_PREFIX = "log-";
    private static final String SNAPSHOT_PREFIX = "snapshot-";
    private static final Logger LOG = LoggerFactory.getLogger(RecordReplay.class);

    private final ConcurrentSkipListMap<FilePath, KnownFile> files = new ConcurrentSkipListMap<>();
    private final Map<FilePath, Change.Intended> intents = new HashMap<>();
    private final Map<OwnName, Change.Staged> staged = new HashMap<>();
    private final NodeLog log;
    private long nextNumber = 1;
    private long snapshotBytes;
    private long logBytes;

    private RecordReplay(NodeLog log) {
        this.log = log;
    }

    static RecordReplay of(StorageBackend backend, GroupId group, NodeLog log) throws StorageException {
        RecordReplay replay = new RecordReplay(log);
        List<String> names = new ArrayList<>(backend.ownNames(Area.RECORDS));
        long from = replay.takeSnapshot(backend, group, numbers(names, SNAPSHOT_PREFIX));
        for (long number : numbers(names, LOG_PREFIX)) {
            replay.nextNumber = Math.max(replay.nextNumber, number + 1);
            if (number >= from) {
                replay.logBytes +=
                        replay.take(backend, group, RecordLog.logName(number)).bytes();
            }
        }
        return replay;
    }

    static OwnName snapshotName(long number) {
        return new OwnName(Area.RECORDS, String.format("%s%016d", SNAPSHOT_PREFIX, number));
    }

    /** Whether the file of the records named {@code name} is covered by the snapshot {@code number}. */
    static boolean isBefore(String name, long number) {
        List<String> one = List.of(name);
        return numbers(one, LOG_PREFIX).stream().anyMatch(found -> found < number)
                || numbers(one, SNAPSHOT_PREFIX).stream().anyMatch(found -> found < number);
    }

    private static List<Long> numbers(List<String> names, String prefix) {
        return names.stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .filter(digits -> digits.length() == 16 && digits.chars().allMatch(c -> c >= '0' && c <= '9'))
                .map(Long::valueOf)
                .sorted()
                .toList();
    }

    /** Takes the newest snapshot that is whole; returns its number, or 0. */
    private long takeSnapshot(StorageBackend backend, GroupId group, List<Long> numbers) throws StorageException {
        for (long number : numbers.stream().sorted(Comparator.reverseOrder()).toList()) {
            nextNumber = Math.max(nextNumber, number + 1);
            Outcome outcome = take(backend, group, snapshotName(number));
            if (outcome.whole()) {
                snapshotBytes = outcome.bytes();
                return number;
            }
            log.warn(LOG, "the snapshot {} of the local records is not whole and is passed over", number);
            files.clear();
            intents.clear();
            staged.clear();
        }
        return 0;
    }

    /** How reading one file ended: bytes that were good, and whether it had the end of a snapshot. */
    private record Outcome(long bytes, boolean whole) {}

    private Outcome take(StorageBackend backend, GroupId group, OwnName name) throws StorageException {
        try (ReadHandle in = backend.openOwn(name)) {
            if (in == null) {
                return new Outcome(0, false);
            }
            ByteBuffer buffer = ByteBuffer.allocate(
                    (int) Math.min(READ_BYTES, Math.max(in.stamp().sizeBytes(), 1)));
            long position = fill(in, buffer, 0);
            if (!RecordFormat.takeHeader(buffer, group, name)) {
                return new Outcome(0, false);
            }
            long frames = 0;
            while (true) {
                RecordFormat.Taken taken = RecordFormat.take(buffer);
                if (taken == null) {
                    int had = buffer.remaining();
                    buffer.compact();
                    position = fill(in, buffer, position);
                    if (buffer.remaining() == had) {
                        if (had > 0) {
                            log.info(LOG, "{} ends in {} torn bytes, which are ignored", name, had);
                        }
                        return new Outcome(position - had, false);
                    }
                    continue;
                }
                Change change = taken.change();
                if (change == null) {
                    return new Outcome(position, taken.framesBefore() == frames);
                }
                RecordStore.apply(change, files, intents, staged);
                frames++;
            }
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            log.warn(LOG, "{} is damaged; its remaining records are ignored and their files will be hashed", name, e);
            return new Outcome(0, false);
        }
    }

    /** Fills {@code buffer}, which is ready to be put into, from {@code position}; leaves it ready to be taken from. */
    private static long fill(ReadHandle in, ByteBuffer buffer, long position) throws StorageException {
        long at = position;
        while (buffer.hasRemaining()) {
            int read = in.read(buffer, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        buffer.flip();
        return at;
    }

    ConcurrentSkipListMap<FilePath, KnownFile> files() {
        return files;
    }

    Map<FilePath, Change.Intended> intents() {
        return intents;
    }

    Map<OwnName, Change.Staged> staged() {
        return staged;
    }

    /** The number that no file has yet. */
    long nextNumber() {
        return nextNumber;
    }

    long snapshotBytes() {
        return snapshotBytes;
    }

    long logBytes() {
        return logBytes;
    }
}
