package io.filereplication.manifest;

import io.filereplication.log.NodeLog;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshot files of one group, {@code snapshot.<term>_<index>} in Ratis's state machine directory.
 *
 * <p>Nothing else of ours lives there, because an installed snapshot replaces the whole directory. What is in it may so
 * change at any time; {@link #refresh} looks again, and everything else answers from what was seen last, so that Ratis may
 * ask often and under its locks.
 */
final class SnapshotFiles implements StateMachineStorage {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
    private static final Pattern DIGEST_NAME = Pattern.compile("(snapshot\\.\\d+_\\d+)\\.md5");
    private static final String UNFINISHED = ".writing";
    private static final String DAMAGED = ".damaged";

    private final Executor cleaner;
    private final Supplier<NodeLog> log;
    private volatile @Nullable Path directory;
    private volatile List<SingleFileSnapshotInfo> newestFirst = List.of();
    private volatile boolean cleanedUp;
    private final AtomicLong looks = new AtomicLong();
    private long shown;

    /** {@code cleaner} deletes old snapshots. */
    SnapshotFiles(Executor cleaner, Supplier<NodeLog> log) {
        this.log = log;
        this.cleaner = cleaner;
    }

    @Override
    public void init(RaftStorage storage) throws IOException {
        Path found = storage.getStorageDir().getStateMachineDir().toPath();
        directory = found;
        Files.createDirectories(found);
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(found, "*" + UNFINISHED)) {
            for (Path file : unfinished) {
                Files.delete(file);
            }
        }
        refresh();
    }

    /** Looks into the directory again. */
    void refresh() throws IOException {
        long look = looks.incrementAndGet();
        List<SingleFileSnapshotInfo> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory())) {
            for (Path file : files) {
                Matcher name = NAME.matcher(nameOf(file));
                if (name.matches()) {
                    found.add(info(
                            file, TermIndex.valueOf(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))));
                }
            }
        }
        found.sort(Comparator.comparingLong(SingleFileSnapshotInfo::getIndex).reversed());
        show(look, List.copyOf(found));
    }

    /** The directory may change between two looks at once: the one that began later counts. */
    private synchronized void show(long look, List<SingleFileSnapshotInfo> found) {
        if (look > shown) {
            shown = look;
            newestFirst = found;
            cleanedUp = false;
        }
    }

    private static String nameOf(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString();
    }

    @SuppressWarnings("NullAway") // Ratis computes the digest of a file that comes without one while it sends it.
    private static SingleFileSnapshotInfo info(Path file, TermIndex at) {
        MD5Hash unknown = null;
        return new SingleFileSnapshotInfo(new FileInfo(file, unknown), at);
    }

    /** What was seen last, newest first. */
    List<SingleFileSnapshotInfo> newestFirst() {
        return newestFirst;
    }

    @Override
    @SuppressWarnings("NullAway") // Ratis takes null for none.
    public SingleFileSnapshotInfo getLatestSnapshot() {
        List<SingleFileSnapshotInfo> seen = newestFirst;
        return seen.isEmpty() ? null : seen.get(0);
    }

    /** The newest one before {@code index}, or null. */
    @Nullable
    SingleFileSnapshotInfo newestBefore(long index) {
        List<SingleFileSnapshotInfo> seen = newestFirst;
        for (SingleFileSnapshotInfo snapshot : seen) {
            if (snapshot.getIndex() < index) {
                return snapshot;
            }
        }
        return null;
    }

    /** Puts a damaged snapshot aside, so that nobody takes it for one again, and keeps its bytes for whoever wants to look. */
    void putAside(SingleFileSnapshotInfo damaged) throws IOException {
        Path file = damaged.getFile().getPath();
        Files.move(file, file.resolveSibling(nameOf(file) + DAMAGED), StandardCopyOption.REPLACE_EXISTING);
        refresh();
    }

    /**
     * Writes {@code snapshot}, durable and visible under its name on return: temporary file, fsync, rename, fsync of the
     * directory.
     */
    void write(ManifestSnapshot snapshot, long term) throws IOException {
        Path target = directory().resolve("snapshot." + term + "_" + snapshot.index());
        Path unfinished = directory().resolve(nameOf(target) + UNFINISHED);
        try {
            try (FileChannel file = FileChannel.open(
                            unfinished,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
                    OutputStream out = Channels.newOutputStream(file)) {
                snapshot.writeTo(out);
                file.force(true);
            }
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        syncDirectory();
        refresh();
    }

    private void syncDirectory() throws IOException {
        try (FileChannel opened = FileChannel.open(directory(), StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    /**
     * Ratis calls this after each question whether a snapshot was taken, on the thread that applies: so something is done only
     * when something is new, and elsewhere.
     */
    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) {
        int kept = policy.getNumSnapshotsRetained();
        if (kept > 0 && !cleanedUp) {
            cleanedUp = true;
            cleaner.execute(() -> {
                try {
                    deleteOld(kept);
                } catch (IOException e) {
                    log.get().failure(LOG, "old snapshots in {} stay until the next one is written", directory, e);
                }
            });
        }
    }

    private void deleteOld(int kept) throws IOException {
        List<SingleFileSnapshotInfo> seen = newestFirst;
        for (SingleFileSnapshotInfo old : seen.subList(Math.min(kept, seen.size()), seen.size())) {
            LOG.debug("Deleting the old snapshot {}", old.getFile().getPath());
            Files.deleteIfExists(old.getFile().getPath());
        }
        deleteLeftovers();
        refresh();
        cleanedUp = true;
    }

    /** Digests that Ratis wrote beside a snapshot that has gone, and damaged snapshots: there is a new one, or this would not be called. */
    private void deleteLeftovers() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory())) {
            for (Path file : files) {
                Matcher digest = DIGEST_NAME.matcher(nameOf(file));
                boolean orphan = digest.matches() && !Files.exists(file.resolveSibling(digest.group(1)));
                if (orphan || nameOf(file).endsWith(DAMAGED)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Whether a snapshot was put aside as damaged and none has been written since. */
    boolean hasDamaged() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(), "*" + DAMAGED)) {
            return files.iterator().hasNext();
        }
    }

    @Override
    public void format() {}

    @Override
    @SuppressWarnings("NullAway") // Ratis takes null for its own choice, which is the same directory.
    public File getSnapshotDir() {
        return null;
    }

    Path directory() {
        Path known = directory;
        if (known == null) {
            throw new IllegalStateException("The storage has not been initialized");
        }
        return known;
    }
}
