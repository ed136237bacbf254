package io.filereplication.storage;

/** There is no room for the bytes and the free-space reserve. Pulling pauses; deletes go on; it resumes by itself. */
public final class StorageFullException extends StorageException {
    private static final long serialVersionUID = 1L;

    public StorageFullException(String message) {
        super(message);
    }

    public StorageFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
