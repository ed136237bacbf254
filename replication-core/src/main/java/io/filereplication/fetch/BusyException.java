package io.filereplication.fetch;

/** The peer has no room for another transfer now. Not an attempt: again shortly, or another candidate. */
public final class BusyException extends FetchException {
    private static final long serialVersionUID = 1L;

    public BusyException(String message) {
        super(message);
    }

    public BusyException(String message, Throwable cause) {
        super(message, cause);
    }
}
