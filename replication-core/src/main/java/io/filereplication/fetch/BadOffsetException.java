package io.filereplication.fetch;

/** The peer cannot continue at that offset: from zero, at the same peer. */
public final class BadOffsetException extends FetchException {
    private static final long serialVersionUID = 1L;

    public BadOffsetException(String message) {
        super(message);
    }

    public BadOffsetException(String message, Throwable cause) {
        super(message, cause);
    }
}
