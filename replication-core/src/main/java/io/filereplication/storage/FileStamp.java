package io.filereplication.storage;

/**
 * How a file looks from outside. A file whose stamp is unchanged is taken for unchanged; any difference makes it be hashed.
 *
 * @param sizeBytes its length
 * @param modifiedNanos modification time, nanoseconds since the epoch
 * @param fileKey what the file system calls it (the inode), or 0 where there is no such thing
 */
public record FileStamp(long sizeBytes, long modifiedNanos, long fileKey) {}
