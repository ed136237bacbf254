package io.filereplication.manifest;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One change of the manifest, as proposed. A value that exists is valid; a lost race is a typed answer. */
public sealed interface Operation {
    /** The path that is written or removed. */
    FilePath path();

    /**
     * What a writer says about a file.
     *
     * @param sizeBytes at least 0
     * @param origin the node that holds the first copy
     * @param createdAt the proposer's clock, kept to the millisecond
     */
    record Content(
            FilePath path, Sha256 sha256, long sizeBytes, NodeId origin, Instant createdAt, Attributes attributes) {
        public Content {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(sha256, "sha256");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(createdAt, "createdAt");
            Objects.requireNonNull(attributes, "attributes");
            if (sizeBytes < 0) {
                throw new IllegalArgumentException("Size " + sizeBytes + " of " + path + " is negative");
            }
            if (sizeBytes == 0 && !sha256.equals(Sha256.OF_EMPTY)) {
                throw new IllegalArgumentException("Empty file " + path + " cannot have the SHA-256 " + sha256);
            }
        }
    }

    /**
     * Inserts or overwrites the entry of a path.
     *
     * @param onlyIfAbsent refuses with {@link OperationStatus#EXISTS} when the path is registered, whatever its content
     */
    record Register(Content content, boolean onlyIfAbsent) implements Operation {
        public Register {
            Objects.requireNonNull(content, "content");
        }

        @Override
        public FilePath path() {
            return content.path();
        }
    }

    /**
     * Overwrites the entry of a path that exists, else {@link OperationStatus#ABSENT}.
     *
     * @param ifLsn when not null, only an entry whose {@code lsn} is this one, else {@link OperationStatus#LSN_MISMATCH}
     */
    record Update(Content content, @Nullable Lsn ifLsn) implements Operation {
        public Update {
            Objects.requireNonNull(content, "content");
        }

        @Override
        public FilePath path() {
            return content.path();
        }
    }

    /**
     * Removes the entry of a path; when there is none, {@link OperationStatus#NOTHING_TO_DELETE}.
     *
     * @param reason for people who read logs, at most {@value #MAX_REASON_BYTES} UTF-8 bytes
     * @param ifLsn when not null, only an entry whose {@code lsn} is this one; a path without one is then {@link
     *     OperationStatus#ABSENT}
     */
    record Delete(FilePath path, String reason, @Nullable Lsn ifLsn) implements Operation {
        /** Longest reason, UTF-8 bytes. */
        public static final int MAX_REASON_BYTES = 256;

        public Delete {
            Objects.requireNonNull(path, "path");
            int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_REASON_BYTES) {
                throw new IllegalArgumentException("The reason to delete " + path + " has " + bytes
                        + " UTF-8 bytes, the limit is " + MAX_REASON_BYTES);
            }
        }
    }

    /** Inserts or overwrites. */
    static Operation register(Content content) {
        return new Register(content, false);
    }

    /** Inserts, or is refused. */
    static Operation registerIfAbsent(Content content) {
        return new Register(content, true);
    }

    /** Overwrites what exists. */
    static Operation update(Content content) {
        return new Update(content, null);
    }

    /** Overwrites exactly the entry last written at {@code lsn}. */
    static Operation updateIf(Content content, Lsn lsn) {
        return new Update(content, lsn);
    }

    /** Removes. */
    static Operation delete(FilePath path, String reason) {
        return new Delete(path, reason, null);
    }

    /** Removes exactly the entry last written at {@code lsn}. */
    static Operation deleteIf(FilePath path, String reason, Lsn lsn) {
        return new Delete(path, reason, lsn);
    }
}
