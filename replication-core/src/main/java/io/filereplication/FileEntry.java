package io.filereplication;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record of the manifest: a file that the cluster holds. Immutable.
 *
 * <p>{@link #createdAt()} was set by the proposer, never by apply, so that every node has the same. {@link #contentLsn()}
 * is where path, digest or size last changed, {@link #lsn()} where any field did.
 */
public final class FileEntry {
    private final FilePath path;
    private final Sha256 sha256;
    private final long sizeBytes;
    private final NodeId originNodeId;
    private final long createdAtMillis;
    private final Attributes attributes;
    private final Lsn contentLsn;
    private final Lsn lsn;

    /**
     * An entry with these fields.
     *
     * @param sizeBytes at least 0: an empty file is a file
     * @param createdAt kept to the millisecond
     * @param lsn not before {@code contentLsn}
     */
    public FileEntry(
            FilePath path,
            Sha256 sha256,
            long sizeBytes,
            NodeId originNodeId,
            Instant createdAt,
            Attributes attributes,
            Lsn contentLsn,
            Lsn lsn) {
        this.path = Objects.requireNonNull(path, "path");
        this.sha256 = Objects.requireNonNull(sha256, "sha256");
        this.sizeBytes = sizeBytes;
        this.originNodeId = Objects.requireNonNull(originNodeId, "originNodeId");
        this.createdAtMillis = createdAt.toEpochMilli();
        this.attributes = Objects.requireNonNull(attributes, "attributes");
        this.contentLsn = Objects.requireNonNull(contentLsn, "contentLsn");
        this.lsn = Objects.requireNonNull(lsn, "lsn");
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("Size " + sizeBytes + " of " + path + " is negative");
        }
        if (sizeBytes == 0 && !sha256.equals(Sha256.OF_EMPTY)) {
            throw new IllegalArgumentException("Empty file " + path + " cannot have the SHA-256 " + sha256);
        }
        if (contentLsn.isAfter(lsn)) {
            throw new IllegalArgumentException(
                    "Content lsn " + contentLsn + " of " + path + " is after its lsn " + lsn);
        }
    }

    public FilePath path() {
        return path;
    }

    public Sha256 sha256() {
        return sha256;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** The node that first wrote the file. */
    public NodeId originNodeId() {
        return originNodeId;
    }

    public Instant createdAt() {
        return Instant.ofEpochMilli(createdAtMillis);
    }

    public Attributes attributes() {
        return attributes;
    }

    public Lsn contentLsn() {
        return contentLsn;
    }

    public Lsn lsn() {
        return lsn;
    }

    /** The identity of this content. */
    public FileVersion version() {
        return new FileVersion(path, contentLsn);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileEntry that
                && path.equals(that.path)
                && sha256.equals(that.sha256)
                && sizeBytes == that.sizeBytes
                && originNodeId.equals(that.originNodeId)
                && createdAtMillis == that.createdAtMillis
                && attributes.equals(that.attributes)
                && contentLsn.equals(that.contentLsn)
                && lsn.equals(that.lsn);
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, lsn);
    }

    @Override
    public String toString() {
        return version() + " (" + sizeBytes + " bytes, sha256 " + sha256 + ", origin " + originNodeId + ")";
    }
}
