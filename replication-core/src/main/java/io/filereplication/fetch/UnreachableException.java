package io.filereplication.fetch;

/** The peer could not be reached, or the exchange broke off. Next candidate. */
public final class UnreachableException extends FetchException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message) {
        super(message);
    }

    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
