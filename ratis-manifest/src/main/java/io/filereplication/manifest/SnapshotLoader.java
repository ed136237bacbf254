package io.filereplication.manifest;

import io.filereplication.ManifestDifference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which snapshot a starting node begins from: the newest that is whole, as long as the log still has everything behind it.
 *
 * <p>A damaged one is put aside. When the log does not reach back to the one before it, starting is refused with what to do:
 * a node that went on would miss what was purged and never know.
 */
final class SnapshotLoader {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotLoader.class);

    /** {@code log_<first>-<last>} and {@code log_inprogress_<first>}. */
    private static final Pattern SEGMENT = Pattern.compile("^log_(?:inprogress_)?(\\d+)");

    private final SnapshotFiles files;

    SnapshotLoader(SnapshotFiles files) {
        this.files = files;
    }

    /** Loads into {@code manifest} what the node has, and answers where that is, or null for the beginning of the log. */
    @Nullable
    TermIndex loadNewestWhole(Manifest manifest, RaftStorage storage) throws IOException {
        while (true) {
            List<SingleFileSnapshotInfo> candidates = files.newestFirst();
            checkLogReaches(candidates.isEmpty() ? -1 : candidates.get(0).getIndex(), storage);
            if (candidates.isEmpty()) {
                return null;
            }
            SingleFileSnapshotInfo newest = candidates.get(0);
            try {
                load(manifest, newest);
                return newest.getTermIndex();
            } catch (CorruptSnapshotException e) {
                manifest.log()
                        .error(
                                LOG,
                                "the snapshot {} is put aside, the one before it is tried",
                                newest.getFile().getPath(),
                                e);
                files.putAside(newest);
            }
        }
    }

    /** Loads one file, which has to be the snapshot at the index in its name; answers what it changed, see {@link Manifest#replaceBy}. */
    static ManifestDifference load(Manifest manifest, SingleFileSnapshotInfo snapshot) throws IOException {
        try (InputStream in = Files.newInputStream(snapshot.getFile().getPath())) {
            return manifest.replaceBy(in, snapshot.getIndex());
        }
    }

    /** The log has to begin at or before the first entry behind {@code index}. */
    private void checkLogReaches(long index, RaftStorage storage) throws IOException {
        List<LogSegmentPath> segments = LogSegmentPath.getLogSegmentPaths(storage);
        long first = segments.isEmpty() ? 0 : startOf(segments.get(0));
        boolean reaches = segments.isEmpty() ? !files.hasDamaged() : first <= index + 1;
        if (reaches) {
            return;
        }
        throw new IOException(
                "The newest snapshot in " + files.directory() + " is damaged or missing, and "
                        + (index < 0 ? "there is no older one" : "the older one is at index " + index)
                        + ", but the log " + (segments.isEmpty() ? "is empty" : "begins only at index " + first)
                        + ". Nothing was changed except that the damaged snapshot was renamed. Restore the snapshot from a backup, or"
                        + " remove this node from the group, empty its Raft directory "
                        + storage.getStorageDir().getRoot()
                        + " (not the replicated files) and add it again under a new peer id: the leader then sends it a snapshot");
    }

    private static long startOf(LogSegmentPath segment) {
        Matcher name = SEGMENT.matcher(String.valueOf(segment.getPath().getFileName()));
        return name.find() ? Long.parseLong(name.group(1)) : 0;
    }
}
