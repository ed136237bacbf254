package io.filereplication.storage;

import io.filereplication.FilePath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a node's bytes lie: published files by {@link FilePath}, and files of the replication itself by {@link OwnName},
 * which no published path can collide with. It knows nothing of versions, digests or the manifest.
 *
 * <p><b>Thread-safety:</b> all methods may be called at once, except that the caller lets only one of them at a time change
 * one path or one own name. <b>Blocking:</b> everything is disk I/O. An interrupt may end the handle that the interrupted thread is
 * using, never one in {@link Area#RECORDS}; that is a {@link StorageInterruptedException}. <b>Errors:</b> {@link StorageFullException} when there is no room,
 * {@link PathConflictException} when something that is not ours stands in the way, else {@link StorageException}; after
 * an error the state is one that a crash could have left. <b>Durability:</b> stated at each method; what is not stated to
 * be durable may be lost with the power.
 */
public interface StorageBackend extends AutoCloseable {
    /** How the published file looks, or null when there is none. */
    @Nullable
    FileStamp stamp(FilePath path) throws StorageException;

    /**
     * A glance at a path where nothing is expected. Null says less than that of {@link #stamp}: perhaps a link that leads nowhere is
     * there, or the storage is not there at all. So it is enough to begin with, and not to change anything.
     */
    default @Nullable FileStamp glance(FilePath path) throws StorageException {
        return stamp(path);
    }

    /** As {@link #stamp}, for whoever is about to {@link #commit} to a path where nothing is expected, which may save a look. */
    default @Nullable FileStamp stampBeforeCommit(FilePath path) throws StorageException {
        return stamp(path);
    }

    /** Opens the published file, or null when there is none. The handle keeps showing it after a replacement or a removal. */
    @Nullable
    ReadHandle open(FilePath path) throws StorageException;

    /** The same, if the file looks as {@code expected}; otherwise null. */
    default @Nullable ReadHandle openIfStill(FilePath path, FileStamp expected) throws StorageException {
        ReadHandle in = open(path);
        if (in == null || in.stamp().equals(expected)) {
            return in;
        }
        in.close();
        return null;
    }

    /** Makes a file that is already at {@code path} durable, bytes and name. */
    void sync(FilePath path) throws StorageException;

    /**
     * Gives the own file the published name {@code path}: readers see the file before or the one after, never a mix. Creates
     * directories; the stamp stays what it was. On return the new name and the absence of the old are durable; the bytes are if
     * {@link WriteHandle#sync()} made them so.
     */
    void commit(OwnName from, FilePath path) throws StorageException;

    /**
     * Several {@link #commit}s of different paths that may share what makes them durable; each is done, or fails, as if it were
     * alone.
     *
     * @return for each, in order, why it failed, or null
     */
    default List<@Nullable StorageException> commitAll(List<Commit> commits) {
        List<@Nullable StorageException> failures = new ArrayList<>(commits.size());
        for (Commit commit : commits) {
            StorageException failure = null;
            try {
                commit(commit.from(), commit.path());
            } catch (StorageException e) {
                failure = e;
            }
            failures.add(failure);
        }
        return failures;
    }

    /** Deletes the published file, if there is one, and directories that are empty thereby. Durable on return. */
    void delete(FilePath path) throws StorageException;

    /** The opposite of {@link #commit}: a published file becomes an own one. Durable on return. */
    void withdraw(FilePath path, OwnName to) throws StorageException;

    /**
     * Gives what is published at {@code path} the own name {@code as} too, which must be free: the bytes are there even when the path is
     * given to another file afterwards. The published name and its stamp stay what they were, at every moment. Durable on return.
     * A hard link; where the medium has none a copy, which may find no room.
     */
    void preserve(FilePath path, OwnName as) throws StorageException;

    /** Hands over every published path that begins with {@code prefix}, in no order. What is no legal path is passed over. */
    void list(String prefix, Consumer<FilePath> each) throws StorageException;

    /** The names in use in {@code area}. */
    List<String> ownNames(Area area) throws StorageException;

    /** Opens an own file for reading, or null when there is none. */
    @Nullable
    ReadHandle openOwn(OwnName name) throws StorageException;

    /** Opens an own file for writing at its end; creates it when there is none. One handle at a time. */
    WriteHandle write(OwnName name) throws StorageException;

    /** Deletes an own file, if there is one. Not durable before {@link #syncNames}. */
    void deleteOwn(OwnName name) throws StorageException;

    /** Makes the names in {@code area} durable. */
    void syncNames(Area area) throws StorageException;

    /** Room on the medium. */
    Space space() throws StorageException;

    /** Lets go of the medium. Idempotent. */
    @Override
    void close();

    /** Bytes to read. Positional reads are thread-safe. */
    interface ReadHandle extends AutoCloseable {
        /** How the file looked when it was opened, size included. */
        FileStamp stamp();

        /** Reads up to {@code target.remaining()} bytes from {@code position}; returns how many, or -1 at the end. */
        int read(ByteBuffer target, long position) throws StorageException;

        /** Idempotent. */
        @Override
        void close();
    }

    /** An own file being written, by one thread at a time. */
    interface WriteHandle extends AutoCloseable {
        /** Bytes in the file. */
        long length();

        /** As {@link ReadHandle#read}. */
        int read(ByteBuffer target, long position) throws StorageException;

        /**
         * Appends all remaining bytes, with one system call where the medium allows. After an error any part of them may be there.
         *
         * @throws ResumeNotSupportedException when this storage cannot continue what an earlier handle wrote
         */
        void append(ByteBuffer bytes) throws StorageException;

        /**
         * Cuts the file to {@code length} and makes ready to append there; 0 is always possible.
         *
         * @throws ResumeNotSupportedException when this storage cannot continue what an earlier handle wrote
         */
        void truncate(long length) throws StorageException;

        /** Makes the bytes durable. */
        void sync() throws StorageException;

        /** How the file looks now, and will look under its published name. */
        FileStamp stamp() throws StorageException;

        /** Idempotent; keeps the bytes. */
        @Override
        void close();
    }

    /** A {@link #commit} to be made. */
    record Commit(OwnName from, FilePath path) {}

    /** What an own file is for. */
    enum Area {
        /** Bytes of a version that are not published yet. */
        STAGED,
        /** Bytes that are written here and not registered yet. */
        PUTS,
        /** Local records. */
        RECORDS,
        /** Prefix digests. */
        DIGESTS,
        /** Removed files, kept for a while. */
        TRASH
    }

    /**
     * The name of an own file.
     *
     * @param name 1 to {@value #MAX_NAME} of the characters {@code a-z 0-9 - .}, not beginning with a dot
     */
    record OwnName(Area area, String name) {
        /** Longest name. */
        public static final int MAX_NAME = 80;

        public OwnName {
            Objects.requireNonNull(area, "area");
            if (!isLegal(name)) {
                throw new IllegalArgumentException("'" + name + "' cannot name a file of the replication's own");
            }
        }

        /** The same in every process, unlike an enum's: what walks over a hash table of names does so in one order. */
        @Override
        public int hashCode() {
            return 31 * name.hashCode() + area.name().hashCode();
        }

        static boolean isLegal(String name) {
            boolean legal = !name.isEmpty() && name.length() <= MAX_NAME && name.charAt(0) != '.';
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                legal &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
            }
            return legal;
        }

        @Override
        public String toString() {
            return area.name().toLowerCase(Locale.ROOT) + "/" + name;
        }
    }

    /**
     * Room on a medium, bytes.
     *
     * @param freeBytes what may still be written
     * @param totalBytes what there is, used or not
     */
    record Space(long freeBytes, long totalBytes) {}
}
