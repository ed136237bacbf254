package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which files one group holds: a function of the group's log, kept in memory.
 *
 * <p>An application that has its own state machine holds one of these inside it: it gives every log entry that was made by
 * {@link Proposals} to {@link #apply} and every other entry's index to {@link #advanceTo}, writes {@link #writeSnapshot} into
 * its snapshot and calls {@link #loadSnapshot} when it restores one. Everybody else uses {@link ManifestStateMachine}.
 *
 * <p><b>Threads:</b> {@link #apply}, {@link #advanceTo}, {@link #beginSnapshot} and {@link #loadSnapshot} are called by one
 * thread at a time, in log order. Everything else may be called by any thread at any time; readers take no lock and never
 * wait for apply. While a batch is being applied a reader may see part of it.
 *
 * <p><b>Errors:</b> apply throws nothing whatever an entry holds. <b>Durability:</b> none; the log and snapshots have it.
 */
public final class Manifest implements ManifestView {
    private static final Logger LOG = LoggerFactory.getLogger(Manifest.class);
    /** Most entries in one page, whatever was asked for. */
    public static final int MAX_PAGE = 10_000;

    private static final long ANY_INDEX = Long.MIN_VALUE;

    private final GroupId group;
    private final int supportedFormat;
    private final int answersCapacity;
    private final EntryApplier applier;
    private final ManifestCounters counters = new ManifestCounters();
    private final List<ManifestListener> listeners = new CopyOnWriteArrayList<>();
    private volatile ManifestContent content;
    private volatile @Nullable StoppedBefore stopped;
    private volatile boolean paused;
    private volatile boolean loading;
    private volatile NodeLog log;

    /** An empty manifest of {@code group}, whose log has not been applied at all. */
    public Manifest(GroupId group) {
        this(group, Proposals.SUPPORTED_FORMAT, Answers.CAPACITY);
    }

    /** One that pretends to be another build, or to remember less, for tests. */
    Manifest(GroupId group, int supportedFormat, int answersCapacity) {
        this.group = Objects.requireNonNull(group, "group");
        this.supportedFormat = supportedFormat;
        this.answersCapacity = answersCapacity;
        this.applier = new EntryApplier(supportedFormat, counters, () -> log);
        this.content = new ManifestContent(answersCapacity, -1, 1);
        this.log = NodeLog.of(group, System::nanoTime);
    }

    /** From now on the log says that this is {@code node}'s. */
    void belongsTo(NodeId node) {
        log = NodeLog.of(node, group, System::nanoTime);
    }

    NodeLog log() {
        return log;
    }

    public GroupId group() {
        return group;
    }

    /** {@code listener} hears everything that is applied from now on. */
    public void addListener(ManifestListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** {@code listener} hears nothing more, except perhaps what is being announced now. */
    public void removeListener(ManifestListener listener) {
        listeners.remove(listener);
    }

    /** As {@link #apply(long, ByteString)}; the buffer's remaining bytes are read and its position stays. */
    public ApplyOutcome apply(long index, ByteBuffer entry) {
        return apply(index, UnsafeByteOperations.unsafeWrap(entry.duplicate()));
    }

    /**
     * Applies the log entry at {@code index} and announces what it changed. An entry at or before {@link #appliedIndex()}
     * changes nothing and gets the answers that are remembered. An entry that this build does not understand stops the
     * manifest before it: from then on nothing is applied.
     */
    public ApplyOutcome apply(long index, ByteString entry) {
        StoppedBefore before = stopped;
        if (before != null) {
            return new ApplyOutcome.Stopped(before);
        }
        ManifestContent target = content;
        List<Change> changes = new ArrayList<>();
        EntryApplier.Answer answer = applier.apply(target, index, entry, changes);
        if (answer instanceof EntryApplier.Unknown unknown) {
            log.error(
                    LOG,
                    "the manifest stops before log entry {}: {}",
                    index,
                    unknown.reason().sentence());
            stopped = unknown.reason();
            return new ApplyOutcome.Stopped(unknown.reason());
        }
        for (Change change : changes) {
            announce(change::announce);
        }
        // Only now: who sees the index has heard what was applied up to it.
        advance(target, index);
        return new ApplyOutcome.Applied(((EntryApplier.Reply) answer).bytes());
    }

    /** The log entry at {@code index} is not the manifest's; nothing before it is missing. Ignored while stopped. */
    public void advanceTo(long index) {
        ManifestContent target = content;
        if (stopped == null) {
            advance(target, index);
        }
    }

    private static void advance(ManifestContent target, long index) {
        if (index > target.appliedIndex()) {
            target.setAppliedIndex(index);
        }
    }

    private void announce(Consumer<ManifestListener> event) {
        for (ManifestListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                counters.listenerFailures.incrementAndGet();
                log.error(LOG, "a listener of the manifest failed, which goes on", e);
            }
        }
    }

    /** Why a proposal would be refused as a whole, or null. For a state machine to ask before it lets one into the log. */
    public @Nullable String refusal(ByteString entry) {
        return Proposals.refusal(entry, content.enabledFormat(), supportedFormat);
    }

    /**
     * The manifest as it is now, to be written by another thread while this one goes on. Copies neither
     * entries nor remembered answers. One at a time, until it is closed.
     */
    public ManifestSnapshot beginSnapshot() {
        ManifestContent target = content;
        return new ManifestSnapshot(target, target.beginCut(), group);
    }

    /** Writes a snapshot of this moment on the calling thread; see {@link ManifestSnapshot#writeTo}. */
    public void writeSnapshot(OutputStream out) throws IOException {
        try (ManifestSnapshot snapshot = beginSnapshot()) {
            snapshot.writeTo(out);
        }
    }

    /**
     * Replaces the manifest by the snapshot in {@code in}, read to its end, in one step: before it readers see the old one,
     * after it the new one. When something had been applied or loaded before, listeners hear {@link
     * ManifestListener#replaced}. Also ends a stop, because the snapshot may come from a newer log.
     *
     * @throws CorruptSnapshotException when it is damaged or another group's
     * @throws UnsupportedSnapshotException when a newer build wrote it; either way the old manifest stays
     */
    public void loadSnapshot(InputStream in) throws IOException {
        loading = true;
        try {
            boolean inUse = content.appliedIndex() >= 0;
            ManifestDifference difference = replaceBy(in, ANY_INDEX);
            if (inUse) {
                announceReplaced(difference);
            }
        } finally {
            loading = false;
        }
    }

    /** The same, for a snapshot that has to be the one at {@code index}; tells nobody, but answers what there is to tell. */
    ManifestDifference replaceBy(InputStream in, long index) throws IOException {
        ManifestContent fresh = new SnapshotReader(in, group, supportedFormat, answersCapacity).read();
        if (index != ANY_INDEX && index != fresh.appliedIndex()) {
            throw new CorruptSnapshotException(
                    "The snapshot named for index " + index + " shows index " + fresh.appliedIndex());
        }
        ManifestContent before = content;
        content = fresh;
        stopped = null;
        counters.loaded(fresh.appliedIndex(), before.appliedIndex() >= 0);
        return ManifestDifference.between(before.entries.values(), fresh.entries.values());
    }

    void announceReplaced(ManifestDifference difference) {
        announce(listener -> listener.replaced(difference));
    }

    /** Until {@link #resume} the manifest is not settled: nobody should act upon it. */
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    @Override
    public @Nullable FileEntry get(FilePath path) {
        return content.entries.get(path);
    }

    @Override
    public long appliedIndex() {
        return content.appliedIndex();
    }

    @Override
    public List<FileEntry> page(@Nullable FilePath after, int limit) {
        return page("", after, limit);
    }

    /**
     * Entries whose path begins with {@code prefix}, in path order behind {@code after} (null: from the first), at most
     * {@code limit} and at most {@value #MAX_PAGE}. An empty page ends the walk.
     */
    public List<FileEntry> page(String prefix, @Nullable FilePath after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("A page of " + limit + " entries");
        }
        byte[] begin = prefix.getBytes(StandardCharsets.UTF_8);
        ConcurrentNavigableMap<FilePath, FileEntry> rest = content.entries;
        FilePath lowest = lowestWith(prefix);
        if (lowest != null && (after == null || lowest.compareTo(after) > 0)) {
            rest = rest.tailMap(lowest, true);
        } else if (after != null) {
            rest = rest.tailMap(after, false);
        }
        List<FileEntry> page = new ArrayList<>(Math.min(limit, 256));
        for (FileEntry entry : rest.values()) {
            if (entry.path().startsWith(prefix)) {
                page.add(entry);
                if (page.size() == Math.min(limit, MAX_PAGE)) {
                    break;
                }
            } else if (Arrays.compareUnsigned(entry.path().toUtf8(), begin) > 0) {
                break;
            }
        }
        return page;
    }

    /**
     * A path from which on every path with the prefix is found, or null for the first of all. The prefix itself need not be a
     * path: "a/" and "a/." are none, and "a/.b" is.
     */
    private static @Nullable FilePath lowestWith(String prefix) {
        FilePath whole = pathOrNull(prefix);
        if (whole != null) {
            return whole;
        }
        for (int end = prefix.lastIndexOf('/'); end > 0; end = prefix.lastIndexOf('/', end - 1)) {
            FilePath directory = pathOrNull(prefix.substring(0, end));
            if (directory != null) {
                FilePath least = directory.leastBelow();
                return least != null ? least : directory;
            }
        }
        return null;
    }

    private static @Nullable FilePath pathOrNull(String text) {
        try {
            return FilePath.of(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public long count() {
        return content.count();
    }

    @Override
    public long bytes() {
        return content.bytes();
    }

    @Override
    public boolean isSettled() {
        return !paused && !loading;
    }

    /** Why nothing is applied any more, or null. */
    public @Nullable StoppedBefore stopped() {
        return stopped;
    }

    public ManifestStatistics statistics() {
        ManifestContent now = content;
        return new ManifestStatistics(
                now.appliedIndex(),
                now.count(),
                now.bytes(),
                now.enabledFormat(),
                counters.entriesApplied.get(),
                counters.firstApplied.get(),
                counters.firstAppliedAfterLoad.get(),
                counters.loadedIndex.get(),
                counters.replacements.get(),
                counters.operationsApplied.get(),
                counters.batchesRefused.get(),
                counters.batchesRepeated.get(),
                counters.batchesExpired.get(),
                counters.unreadableEntries.get(),
                counters.listenerFailures.get(),
                stopped);
    }

    @Override
    public String toString() {
        return "manifest of " + group + " at " + appliedIndex();
    }
}
