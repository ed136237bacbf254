package io.filereplication.storage;

/**
 * Something that is not ours stands where a file or a directory must be: a file on the way, a directory with foreign files at the
 * end, a symbolic link, a mount point. It is never touched; trying again helps once somebody has removed it.
 */
public final class PathConflictException extends StorageException {
    private static final long serialVersionUID = 1L;

    public PathConflictException(String message) {
        super(message);
    }
}
