package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The files of one group on this node's disk, by version: a {@link StorageBackend} for the bytes and a durable record for
 * each file that was verified. The manifest is the truth; this is a cache of it that can always be rebuilt by looking.
 *
 * <p>Thread-safe. What does not say that it does no I/O does some, and must not be called on the apply thread.
 */
public interface LocalFiles extends AutoCloseable {
    /** Most puts that may be under way at once, where nothing else is said. */
    int DEFAULT_MAX_PUTS = 1_024;

    /** Whether the record says that this very version is here. From memory: no I/O, no lock held across I/O. */
    boolean records(FileVersion version);

    /** The record of the file at {@code path}, or null. From memory: no I/O, no lock held across I/O. */
    @Nullable
    LocalRecord record(FilePath path);

    /**
     * Looks at the disk: is this version here? A record counts only while the file's stamp is unchanged. When this
     * node has just hashed the file in place (see {@link #hashInPlace}), or holds a record of other version but same
     * digest and unchanged stamp, the record is brought up to date and the answer is {@link Presence#HERE}.
     */
    Presence presence(FileEntry entry) throws StorageException;

    /** Looks at the disk: is there a file at {@code path}, whatever it contains? */
    boolean exists(FilePath path) throws StorageException;

    /** Whether {@link #presence} is {@link Presence#HERE}; looks at the disk only when something known in memory could make it so. */
    default boolean isHere(FileEntry entry) throws StorageException {
        return presence(entry) == Presence.HERE;
    }

    /**
     * Hashes the file at the entry's path and, when it is this version's content, records it. Reads at most
     * {@code bytesPerSecond} (0: as fast as the disk goes). Nothing is ever removed.
     *
     * @return {@link Presence#HERE}, or {@link Presence#ABSENT} when the content is another or there is none
     */
    Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException;

    /**
     * Opens the staged bytes of this version, new or as an earlier attempt, process or put left them, and reserves the
     * space that is missing. Where they are not whole they may be taken from another copy on this disk: then they are.
     *
     * @throws StorageFullException when the reserve would be touched
     */
    StagedFile stage(FileEntry entry) throws StorageException;

    /**
     * Makes the staged bytes the file of {@code entry}'s path: fsync, then, with the path held, a look at the manifest and
     * at the record again, rename, fsync of every directory changed, record. On return the file is durable. The caller has
     * verified that {@code digests.whole()} is the entry's digest; the staged file is let go of in every case.
     */
    Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest)
            throws StorageException, InterruptedException;

    /**
     * {@link #publish} for several files of different paths, which share fsyncs; each is decided on its own. Every staged file
     * is let go of. An interrupt ends it early and is still set on return.
     *
     * @return for each file, in order, what became of it
     */
    default List<Outcome> publishAll(List<Whole> files, ManifestView manifest) {
        List<Outcome> outcomes = new ArrayList<>(files.size());
        boolean interrupted = false;
        for (Whole file : files) {
            Outcome outcome = new Outcome.NotBegun();
            try {
                if (interrupted) {
                    file.staged().close();
                } else {
                    outcome = new Outcome.Decided(publish(file.staged(), file.digests(), file.entry(), manifest));
                }
            } catch (StorageException e) {
                outcome = new Outcome.Failed(e);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            outcomes.add(outcome);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return outcomes;
    }

    /**
     * The manifest was proven, by a barrier, to be as new as the log was then. From now on {@link #publish} may replace a file
     * that no record explains, which keeps a second name in the trash; before, it answers {@link Publication.Postponed},
     * because such a file may be of a newer version than a manifest that is still being replayed knows of. No I/O.
     *
     * @param appliedIndex what the manifest holds now
     */
    default void barrierPassed(long appliedIndex) {}

    /**
     * Nothing that the process before this one proposed can become a log entry any more, and the manifest holds what did. Until this is
     * called, its puts are kept, and so is, where it is found again, what was here before the barrier and is removed or replaced, should
     * its registration still come: that process may have been registering it where it lies. No I/O; the next {@link #dropStaged}
     * deletes what was kept for this.
     */
    default void earlierProposalsOver() {}

    /**
     * Removes the file of {@code path} if its record names this group and a version older than {@code before}, and the
     * manifest, looked at with the path held, does not hold the path, or for {@link Disposal#LEFT_BEHIND} holds another content as the
     * version {@code before}. Anything else is left alone, and so is what is being registered where it lies.
     *
     * @param disposal where the bytes go
     */
    Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
            throws StorageException, InterruptedException;

    /**
     * Records in path order behind {@code after} (null: from the first), at most {@code limit}: the walk that finds what to remove.
     * From memory: no I/O.
     */
    List<LocalRecord> page(@Nullable FilePath after, int limit);

    /**
     * Opens the verified bytes of this version for a peer or a reader: published, or staged by a put whose registration
     * has been applied but not yet published here.
     */
    Opening open(FileEntry entry) throws StorageException;

    /** Drops the prefix digests and the record's standing of this version, so that it is hashed before it is used again. */
    void suspect(FileVersion version) throws StorageException;

    /**
     * Begins to stage bytes that are not registered yet. {@code sizeHint}, bytes, is reserved; 0 when it is not known.
     *
     * @throws TooManyPutsException when as many {@link PutFile}s are open as may be
     */
    PutFile beginPut(FilePath path, long sizeHint) throws StorageException;

    /**
     * Hashes the file that is already at {@code path}, refuses one that changed while it was hashed, fsyncs it and
     * remembers the result, so that applying its registration records it without a second pass. Until {@link #registrationOver},
     * {@link #remove} leaves it alone.
     */
    HashedFile hashInPlace(FilePath path) throws StorageException, InterruptedException;

    /** What {@link #hashInPlace} was asked about is recorded as the version it became, or will not be registered. No I/O. */
    default void registrationOver(FilePath path) {}

    /**
     * Hands over the published names that begin with {@code prefix} and that no record explains, in no order; they are never touched.
     * Links, and what has a name that is no legal path, are passed over. Walks the disk, and keeps none of the names.
     */
    void unrecorded(String prefix, Consumer<FilePath> each) throws StorageException;

    /**
     * Removes staged bytes of versions and puts that {@code wanted} refuses; the rest stays for resuming. Never touches a put whose
     * {@link PutFile} is open, nor, before {@link #earlierProposalsOver}, any that a process before left.
     */
    void dropStaged(StagedFilter wanted) throws StorageException;

    /** The text that was kept as {@code what}, by this process or one before; null when there is none. From memory: no I/O. */
    @Nullable
    String memo(Memo what);

    /**
     * Keeps {@code text} as {@code what}, in the place of what was kept before; durable on return. It is lost with the records.
     * One thread at a time for each {@code what}.
     */
    void keepMemo(Memo what, String text) throws StorageException;

    /** Fsyncs and closes the records. Idempotent. */
    @Override
    void close();

    /** What is remembered over restarts. */
    enum Memo {
        /** Why the records and the manifest do not belong together. */
        DISTRUST,
        /** How far the files were scrubbed, and since when. */
        SCRUB
    }

    /** Whether a version is on the disk. */
    enum Presence {
        /** Verified, and unchanged since. */
        HERE,
        /** There is a file, but nothing proves what is in it: hash it before believing either way. */
        UNVERIFIED,
        /** There is no such content. */
        ABSENT
    }

    /** What {@link #publish} takes: staged bytes that are the whole of {@code entry}. */
    record Whole(StagedFile staged, PrefixDigests digests, FileEntry entry) {}

    /** What became of one of several files. */
    sealed interface Outcome {
        record Decided(Publication publication) implements Outcome {}

        record Failed(StorageException reason) implements Outcome {}

        /** The thread was interrupted before its turn came; the staged bytes were kept. */
        record NotBegun() implements Outcome {}
    }

    /** What became of staged bytes. */
    sealed interface Publication {
        /** The file is published; {@code replaced} is what the path held before, or null. */
        record Published(@Nullable LocalRecord replaced) implements Publication {}

        /** The manifest no longer holds this version: the staged bytes were dropped. */
        record Superseded() implements Publication {}

        /** This or a newer version was already here: the staged bytes were dropped. */
        record AlreadyHere() implements Publication {}

        /**
         * Whether this version may be published cannot be decided now: the manifest is being loaded, or is behind this version,
         * or a newer version is here that has to be hashed first. The staged bytes were kept; try again later.
         */
        record Postponed() implements Publication {}
    }

    /** What became of a removal. */
    enum Removal {
        /** The file is gone, and its bytes with it. */
        DELETED,
        /** The file has lost its name, and its bytes are kept for a while. */
        MOVED,
        /** There was no file, or no record of one. */
        NOTHING_HERE,
        /** The record is not older than the delete, or the manifest holds it again. */
        STILL_WANTED,
        /**
         * It cannot be decided now: the manifest is being loaded, or is behind the recorded version, or the file is being registered
         * where it lies.
         */
        POSTPONED,
        /** The file is not the recorded one any more: it is not touched, and the record is forgotten, so that it is listed. */
        NOT_OURS
    }

    /** Where removed bytes go. */
    enum Disposal {
        /** Deleted; until {@link #earlierProposalsOver} what was here before the barrier is put aside instead. */
        DELETE,
        /** To the trash, for people; until {@link #earlierProposalsOver} it is found again there as well. */
        TRASH,
        /**
         * To the trash, where it is found again should its content be registered. The only one for a path that is registered: with
         * another content, which is not wanted here and will not replace it.
         */
        LEFT_BEHIND
    }

    /** The answer to {@link #open}. */
    sealed interface Opening {
        record Opened(OpenFile file) implements Opening {}

        /** There is a file, which must be hashed first (or its prefix digests rebuilt): ask again shortly. */
        record NotReady() implements Opening {}

        /** There is none; or it was hashed and is something else, or could not be read: then this node needs a copy as well. */
        record NotHere() implements Opening {}
    }

    /** A file hashed where it lies. */
    record HashedFile(FilePath path, Sha256 sha256, long sizeBytes) {}

    /** Which staged bytes may still be of use. */
    interface StagedFilter {
        boolean keepVersion(FileVersion version);

        /** Whether a put of this content, left by a process that is gone, is registered and so still of use. */
        boolean keepPut(FilePath path, Sha256 sha256);

        /** Whether what once made room for another file at this path, and was put aside, may be its registered version. */
        boolean keepDisplaced(FilePath path);
    }

    /**
     * Bytes of a put: written once, hashed while they are written, registered afterwards. Used by one thread at a time. Keep it open
     * until the registration is decided and published here: only then are its bytes nobody's last copy.
     */
    interface PutFile extends AutoCloseable {
        /** Appends all remaining bytes. */
        void write(ByteBuffer bytes) throws StorageException;

        /**
         * Fsyncs the bytes and their name: from now on they survive a crash and are found by {@link LocalFiles#stage}.
         *
         * @param createdAt what the registration will say: by that it is told from another of the same content, kept to the millisecond
         */
        HashedFile finish(Instant createdAt) throws StorageException;

        /** Drops the bytes: the put was refused, or was given up before it was proposed. */
        void discard() throws StorageException;

        /** Lets go: finished bytes may be dropped as leftovers from now on, others are dropped now. Idempotent. */
        @Override
        void close();
    }
}
