package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import io.filereplication.fetch.FetchItem;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks of a version this life has verified and staged, and what has happened to them since: whoever fetches them once
 * more needs a reason. There are three, and no others:
 *
 * <ul>
 *   <li>the disk of this node failed in between, so that nobody knows what is staged;
 *   <li>the bytes were dropped when nobody needed them, because the manifest did not hold the version or it was here;
 *   <li>the storage cannot append, and the bytes were staged by an earlier handle: within one attempt it goes on as any other.
 * </ul>
 */
final class StagedHistory {
    private final Life life;
    private final Map<FileVersion, Integer> handles = new HashMap<>();
    private final Map<FileVersion, Kept> kept = new HashMap<>();

    /** Whole chunks that were verified and stayed staged when a peer failed. */
    private record Kept(long bytes, int handle, long storageFaults) {}

    StagedHistory(Life life) {
        this.life = life;
    }

    /** {@code staged} was opened; what is done to it from here on is seen. */
    StagedFile opened(StagedFile staged) {
        handles.merge(staged.version(), 1, Integer::sum);
        return new ForwardingStaged(staged) {
            @Override
            public void discard() throws StorageException {
                dropped(version());
                super.discard();
            }
        };
    }

    /** The staged bytes of {@code version} are deleted; a reason to begin again only when they are of no use now. */
    void dropped(FileVersion version) {
        if (!isRegistered(version) || life.files().records(version)) {
            kept.remove(version);
        }
    }

    private boolean isRegistered(FileVersion version) {
        FileEntry registered = life.manifest().get(version.path());
        return registered != null && registered.version().equals(version);
    }

    /** A peer has failed in the middle of {@code item}, for which nobody blames the bytes. */
    void peerFailed(FetchItem item) {
        FileVersion version = item.entry().version();
        long position = item.hasher().position();
        long chunks = position - position % PrefixDigests.CHUNK_BYTES;
        if (chunks > 0) {
            kept.put(version, new Kept(chunks, handle(version), life.node().storageFaults()));
        }
    }

    private int handle(FileVersion version) {
        return handles.getOrDefault(version, 0);
    }

    /** What is wrong with where the fetch of {@code item} begins, or null. */
    @Nullable
    String complaint(FetchItem item) {
        FileVersion version = item.entry().version();
        Kept before = kept.remove(version);
        if (before == null
                || item.offset() >= before.bytes()
                || before.storageFaults() != life.node().storageFaults()) {
            return null;
        }
        boolean appendless = life.node().isAppendless();
        if (appendless && handle(version) != before.handle()) {
            return null;
        }
        return version + " begins at " + item.offset() + " again although " + before.bytes()
                + " bytes were staged and verified"
                + (appendless ? " by the same attempt on a storage that cannot append" : "")
                + (isRegistered(version) ? "" : " and not dropped when it was superseded");
    }
}
