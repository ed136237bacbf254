package io.filereplication.storage;

/**
 * The thread was interrupted while it used the disk, and its flag is set: somebody wants it to end. Says nothing about the file or the
 * disk.
 */
public final class StorageInterruptedException extends StorageException {
    private static final long serialVersionUID = 1L;

    public StorageInterruptedException(String message, Throwable cause) {
        super(message, cause);
    }
}
