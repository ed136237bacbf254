package io.filereplication;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record of the manifest: a file that the cluster holds. Immutable.
 *
 * <p>{@link #createdAt()} was set by the proposer, never by apply, so that every node has the same. {@link #contentLsn()}
 * is where path, digest or size last changed, {@link #lsn()} where any field did.
 *
 * <p>A manifest holds millions of these, so digest and positions are kept as plain words here and made into objects when
 * they are asked for. A position has to be below 2^47 log entries and 2^16 operations in one.
 */
public final class FileEntry {
    private static final int INDEX_BITS = 47;
    private static final int ORDINAL_BITS = 16;

    private final FilePath path;
    private final long digest0;
    private final long digest1;
    private final long digest2;
    private final long digest3;
    private final long sizeBytes;
    private final NodeId originNodeId;
    private final long createdAtMillis;
    private final Attributes attributes;
    private final long contentAt;
    private final long at;

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
        this.digest0 = sha256.word(0);
        this.digest1 = sha256.word(1);
        this.digest2 = sha256.word(2);
        this.digest3 = sha256.word(3);
        this.sizeBytes = sizeBytes;
        this.originNodeId = Objects.requireNonNull(originNodeId, "originNodeId");
        this.createdAtMillis = createdAt.toEpochMilli();
        this.attributes = Objects.requireNonNull(attributes, "attributes");
        this.contentAt = packed(contentLsn);
        this.at = packed(lsn);
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
        return new Sha256(digest0, digest1, digest2, digest3);
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
        return unpacked(contentAt);
    }

    public Lsn lsn() {
        return unpacked(at);
    }

    /** Whether this entry's content is the one with that digest and size. */
    public boolean hasContent(Sha256 otherDigest, long otherSizeBytes) {
        return sizeBytes == otherSizeBytes
                && digest0 == otherDigest.word(0)
                && digest1 == otherDigest.word(1)
                && digest2 == otherDigest.word(2)
                && digest3 == otherDigest.word(3);
    }

    private static long packed(Lsn lsn) {
        if (lsn.index() >>> INDEX_BITS != 0 || lsn.ordinal() >>> ORDINAL_BITS != 0) {
            throw new IllegalArgumentException("Lsn " + lsn + " is beyond 2^" + INDEX_BITS + " log entries or 2^"
                    + ORDINAL_BITS + " operations in one");
        }
        return lsn.index() << ORDINAL_BITS | lsn.ordinal();
    }

    private static Lsn unpacked(long packed) {
        return new Lsn(packed >>> ORDINAL_BITS, (int) packed & ((1 << ORDINAL_BITS) - 1));
    }

    /** The identity of this content. */
    public FileVersion version() {
        return new FileVersion(path, contentLsn());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileEntry that
                && path.equals(that.path)
                && hasContent(that.sha256(), that.sizeBytes)
                && originNodeId.equals(that.originNodeId)
                && createdAtMillis == that.createdAtMillis
                && attributes.equals(that.attributes)
                && contentAt == that.contentAt
                && at == that.at;
    }

    @Override
    public int hashCode() {
        return 31 * path.hashCode() + Long.hashCode(at);
    }

    @Override
    public String toString() {
        return version() + " (" + sizeBytes + " bytes, sha256 " + sha256() + ", origin " + originNodeId + ")";
    }
}
