package io.filereplication.storage;

/** This storage cannot append to a staged file: the pull begins again at zero. */
public final class ResumeNotSupportedException extends StorageException {
    private static final long serialVersionUID = 1L;

    public ResumeNotSupportedException(String message) {
        super(message);
    }
}
