package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.PrefixHasher;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.ResumeNotSupportedException;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageFullException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens on the own disk before a peer is asked: is the version wanted, is it here, and which of the staged bytes are
 * worth keeping. Blocks on I/O; stateless.
 */
final class Staging {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);
    private static final int READ_BYTES = 256 * 1024;

    private final LocalFiles files;
    private final ManifestView manifest;
    private final Counters counters;
    private final StepTimes times;
    private final NodeLog log;

    Staging(LocalFiles files, ManifestView manifest, Counters counters, StepTimes times, NodeLog log) {
        this.files = files;
        this.manifest = manifest;
        this.counters = counters;
        this.times = times;
        this.log = log;
    }

    /** Ends the attempt, or leaves it staged and hashed, ready for a peer. */
    void prepare(PullAttempt attempt) throws InterruptedException {
        FileEntry entry = attempt.entry();
        FileEntry registered = manifest.get(entry.path());
        if (registered == null || !registered.version().equals(entry.version())) {
            attempt.end(Verdict.GONE, "the manifest holds another version or none");
            return;
        }
        LocalRecord record = files.record(entry.path());
        if (record != null && record.version().contentLsn().isAfter(entry.contentLsn())) {
            attempt.end(Verdict.RETRY_SOON, "the file here is newer than the manifest");
            return;
        }
        try {
            LocalFiles.Presence presence = files.presence(entry);
            if (presence == LocalFiles.Presence.HERE) {
                attempt.end(Verdict.HERE, "it is here");
            } else if (presence == LocalFiles.Presence.UNVERIFIED && !attempt.pull().hashedHere) {
                attempt.end(Verdict.VERIFY, "there is a file of unknown content");
            } else {
                attempt.staged(files.stage(entry));
                resume(attempt);
            }
        } catch (StorageException e) {
            failed(attempt, e);
        }
    }

    private void resume(PullAttempt attempt) throws StorageException, InterruptedException {
        StagedFile staged = attempt.staged();
        long size = attempt.entry().sizeBytes();
        PrefixDigests written = staged.writtenDigests();
        if (written != null
                && written.sizeBytes() == size
                && written.whole().equals(attempt.entry().sha256())) {
            attempt.whole(written);
            return;
        }
        long length = staged.length();
        long useful = length > size ? 0 : length == size ? size : length - length % PrefixDigests.CHUNK_BYTES;
        if (useful < length && !cut(attempt, useful)) {
            useful = 0;
        }
        if (!hash(attempt, useful)) {
            return;
        }
        if (useful == size) {
            if (attempt.hasher().digestSoFar().equals(attempt.entry().sha256())) {
                if (size > 0) {
                    counters.add(Count.RESUMED);
                    counters.add(Count.RESUMED_BYTES, size);
                }
                attempt.whole(attempt.hasher().digests());
            } else {
                // At full size and wrong: never the finished file, and no prefix of it is known to be good either.
                attempt.dropBytes();
            }
        }
    }

    /** Cuts the staged bytes to {@code length}, or to nothing where the storage cannot continue there. */
    private boolean cut(PullAttempt attempt, long length) throws StorageException {
        try {
            attempt.staged().truncate(length);
            return true;
        } catch (ResumeNotSupportedException e) {
            LOG.debug("{} begins at zero: {}", attempt.entry().version(), e.getMessage());
            counters.add(Count.BAD_OFFSET_STORAGE);
            attempt.staged().truncate(0);
            return false;
        }
    }

    private boolean hash(PullAttempt attempt, long length) throws StorageException, InterruptedException {
        long begun = times.begin();
        PrefixHasher hasher = new PrefixHasher();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_BYTES, length));
        while (hasher.position() < length) {
            stopIfInterrupted();
            if (attempt.pull().isCancelled()) {
                attempt.end(Verdict.STOPPED, "cancelled while its staged bytes were hashed");
                return false;
            }
            buffer.clear().limit((int) Math.min(buffer.capacity(), length - hasher.position()));
            if (attempt.staged().read(buffer, hasher.position()) < 0) {
                attempt.dropBytes();
                return true;
            }
            hasher.update(buffer.flip());
        }
        attempt.hashed(hasher);
        if (length > 0) {
            times.verified(length, begun);
        }
        return true;
    }

    /** After a peer failed half-way: the bytes and their hasher must still belong together. */
    void realign(PullAttempt attempt) {
        StagedFile staged = attempt.staged();
        long position = attempt.hasher().position();
        try {
            if (position != staged.length() || position % PrefixDigests.CHUNK_BYTES != 0) {
                attempt.dropBytes();
            }
        } catch (StorageException e) {
            failed(attempt, e);
        }
    }

    /** The own disk failed: no other peer would help. */
    void failed(PullAttempt attempt, StorageException e) {
        if (e instanceof StorageFullException) {
            attempt.end(Verdict.NO_SPACE, String.valueOf(e.getMessage()));
        } else {
            counters.add(Count.STORAGE_FAILURE);
            log.failure(
                    LOG,
                    "{}: the storage failed; it is tried again",
                    attempt.entry().version(),
                    e);
            attempt.end(Verdict.RETRY, "the storage failed");
        }
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while staged bytes were hashed");
        }
    }
}
