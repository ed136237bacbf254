package io.filereplication.fetch;

/** Authentic frames carried bytes that do not match their digests, or a whole file its own. Nobody else is asked in this attempt: the signal must be seen. */
public final class ChecksumMismatchException extends FetchException {
    private static final long serialVersionUID = 1L;

    public ChecksumMismatchException(String message) {
        super(message);
    }

    public ChecksumMismatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
