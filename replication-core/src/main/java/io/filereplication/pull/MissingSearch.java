package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.storage.StorageException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a walk that goes through the manifest, in the order of paths, and offers what of one kind, small files or bulk, is
 * missing here. It remembers its place, so that it waits for room without a thread, and the other kind does not wait with it.
 *
 * <p>All of it runs on the walk's lane, but for {@link #isWaiting} and {@link #mayGoOn}.
 */
final class MissingSearch {
    private static final Logger LOG = LoggerFactory.getLogger(MissingSearch.class);
    private static final int PAGE = 256;

    private final PullerCore core;
    private final boolean small;
    private final Consumer<FileEntry> onHere;
    private @Nullable FilePath cursor;
    private boolean done = true;
    /** What there was no room for; null while it does not wait. */
    private volatile @Nullable FileEntry waitsFor;

    /** What a page has brought. */
    record Found(long walked, long enqueued) {}

    /** For small files, or for all others; {@code onHere} hears what was found to be here. */
    MissingSearch(PullerCore core, boolean small, Consumer<FileEntry> onHere) {
        this.core = core;
        this.small = small;
        this.onHere = onHere;
    }

    /** Begins with the first path. */
    void begin() {
        cursor = null;
        done = false;
        waitsFor = null;
    }

    /** Forgets where it is. */
    void giveUp() {
        done = true;
        waitsFor = null;
    }

    boolean isDone() {
        return done;
    }

    boolean isWaiting() {
        return waitsFor != null;
    }

    /** Whether it waits and has room now. */
    boolean mayGoOn() {
        FileEntry next = waitsFor;
        return next != null && core.board().isBelowHighWater(next);
    }

    /** Looks at one page of the manifest, or at as much as there is room for. */
    Found onePage() {
        if (done || (isWaiting() && !mayGoOn())) {
            return new Found(0, 0);
        }
        waitsFor = null;
        List<FileEntry> page = core.manifest().page(cursor, PAGE);
        done = page.isEmpty();
        long walked = 0;
        long enqueued = 0;
        for (FileEntry entry : page) {
            if (PullBatch.isSmall(entry) == small) {
                PullBoard.Offer offer = core.board().isBelowHighWater(entry) ? look(entry) : PullBoard.Offer.FULL;
                if (offer == PullBoard.Offer.FULL) {
                    waitForRoom(entry);
                    break;
                }
                walked++;
                enqueued += offer == PullBoard.Offer.ADDED ? 1 : 0;
            }
            cursor = entry.path();
        }
        return new Found(walked, enqueued);
    }

    private PullBoard.@Nullable Offer look(FileEntry entry) {
        if (!core.wants(entry)) {
            return null;
        }
        if (isHere(entry)) {
            core.board().foundHere(entry.version());
            onHere.accept(entry);
            return null;
        }
        return core.board().offer(entry, Occasion.WALK);
    }

    /** What cannot be told is taken for missing: the pull looks again, and is tried again until it can. */
    private boolean isHere(FileEntry entry) {
        try {
            return core.files().isHere(entry);
        } catch (StorageException e) {
            LOG.debug("{}: cannot tell whether it is here", entry.version(), e);
            return false;
        }
    }

    /** The flag first, then another look: room that is made in between must not go unnoticed. */
    private void waitForRoom(FileEntry entry) {
        waitsFor = entry;
        if (core.board().isBelowHighWater(entry)) {
            waitsFor = null;
        }
    }
}
