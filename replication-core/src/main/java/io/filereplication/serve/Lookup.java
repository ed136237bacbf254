package io.filereplication.serve;

import io.filereplication.FileEntry;
import io.filereplication.PrefixDigests;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageInterruptedException;
import io.filereplication.time.Ticker;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.RequestedItem;
import io.filereplication.wire.WantedRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for one file of a request whether and why not it is sent, in this order: the path, the manifest holds that very
 * version, the file is here and is that version, the offset. Thread-safe; blocks on the disk.
 */
final class Lookup {
    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    private final Holdings holdings;
    private final NodeLog log;
    private final BadCopyReports reports;

    Lookup(Holdings holdings, Ticker ticker, NodeLog log) {
        this.holdings = holdings;
        this.log = log;
        this.reports = new BadCopyReports(ticker);
    }

    /** What to do about one item. */
    sealed interface Decision {
        record Refuse(RefusalCode code) implements Decision {}

        /** Send this range; whoever gets it closes the file. */
        record Send(FileEntry entry, OpenFile file) implements Decision {}

        /** It was a report of bad bytes and needs no file. */
        record Noted() implements Decision {}
    }

    Decision decide(RequestedItem item) {
        if (item instanceof RequestedItem.Unacceptable unacceptable) {
            return new Decision.Refuse(unacceptable.code());
        }
        WantedRange wanted = (WantedRange) item;
        // Read before the entry, so that "applied that far and not there" is never said of an entry just being applied.
        long appliedIndex = holdings.manifest().appliedIndex();
        FileEntry entry = holdings.manifest().get(wanted.version().path());
        if (entry == null || !isThat(entry, wanted)) {
            boolean behind = !holdings.manifest().isSettled()
                    || appliedIndex < wanted.version().contentLsn().index();
            return new Decision.Refuse(behind ? RefusalCode.BEHIND : RefusalCode.NOT_IN_MANIFEST);
        }
        if (wanted.badCopy()) {
            if (reports.accept(entry.version())) {
                suspect(entry, "a peer was sent bytes that did not match");
            }
            return new Decision.Noted();
        }
        try {
            return open(entry, wanted);
        } catch (StorageInterruptedException e) {
            // This thread is to end, which says nothing about the file: it is asked for again.
            return new Decision.Refuse(RefusalCode.BUSY);
        } catch (StorageException e) {
            log.failure(LOG, "{} could not be opened for a peer: {}", entry.version(), e.toString());
            return new Decision.Refuse(RefusalCode.FILE_NOT_HERE);
        }
    }

    private static boolean isThat(FileEntry entry, WantedRange wanted) {
        return entry.version().equals(wanted.version())
                && entry.sha256().equals(wanted.sha256())
                && entry.sizeBytes() == wanted.sizeBytes();
    }

    private Decision open(FileEntry entry, WantedRange wanted) throws StorageException {
        LocalFiles.Opening opening = holdings.files().open(entry);
        if (opening instanceof LocalFiles.Opening.NotHere) {
            return new Decision.Refuse(RefusalCode.FILE_NOT_HERE);
        }
        if (opening instanceof LocalFiles.Opening.Opened opened) {
            OpenFile file = opened.file();
            boolean thatVersion = file.sizeBytes() == entry.sizeBytes()
                    && file.digests().whole().equals(entry.sha256());
            if (thatVersion && isAllowed(wanted)) {
                return new Decision.Send(entry, file);
            }
            file.close();
            if (thatVersion) {
                return new Decision.Refuse(RefusalCode.BAD_OFFSET);
            }
            suspect(entry, "its record does not match the manifest");
            return new Decision.Refuse(RefusalCode.BUSY);
        }
        boolean willBeHashed = holdings.reverification().requested(entry);
        return new Decision.Refuse(willBeHashed ? RefusalCode.BUSY : RefusalCode.FILE_NOT_HERE);
    }

    /** Both ends of a range must be where prefix digests exist: at a chunk's end or the file's. */
    private static boolean isAllowed(WantedRange wanted) {
        long size = wanted.sizeBytes();
        return wanted.offset() <= size
                && wanted.length() <= size - wanted.offset()
                && isBoundary(wanted.offset(), size)
                && isBoundary(wanted.end(), size);
    }

    private static boolean isBoundary(long offset, long size) {
        return offset >= 0 && (offset % PrefixDigests.CHUNK_BYTES == 0 || offset == size);
    }

    /** Makes sure that this version is hashed before anybody gets it again, and soon. */
    void suspect(FileEntry entry, String why) {
        log.failure(LOG, "{} is to be verified again: {}", entry.version(), why);
        try {
            holdings.files().suspect(entry.version());
        } catch (StorageException e) {
            log.failure(LOG, "{} could not be marked for verification: {}", entry.version(), e.toString());
        }
        var unused = holdings.reverification().requested(entry);
    }
}
