package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.Sha256;

/** A record of the file of one path, without the path: a million of them are kept. */
final class KnownFile {
    private final long index;
    private final int ordinal;
    private final boolean suspect;
    private final Sha256 sha256;
    private final long sizeBytes;
    private final long modifiedNanos;
    private final long fileKey;

    KnownFile(LocalRecord record, boolean suspect) {
        this.index = record.version().contentLsn().index();
        this.ordinal = record.version().contentLsn().ordinal();
        this.suspect = suspect;
        this.sha256 = record.sha256();
        this.sizeBytes = record.stamp().sizeBytes();
        this.modifiedNanos = record.stamp().modifiedNanos();
        this.fileKey = record.stamp().fileKey();
    }

    Lsn contentLsn() {
        return new Lsn(index, ordinal);
    }

    /** Whether the file must be hashed before the record is believed. */
    boolean isSuspect() {
        return suspect;
    }

    Sha256 sha256() {
        return sha256;
    }

    FileStamp stamp() {
        return new FileStamp(sizeBytes, modifiedNanos, fileKey);
    }

    LocalRecord record(FilePath path) {
        return new LocalRecord(new FileVersion(path, contentLsn()), sha256, stamp());
    }
}
