package io.filereplication.storage;

/** Local storage could not do what was asked. Never a peer's fault; no other peer would help. */
public class StorageException extends Exception {
    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
