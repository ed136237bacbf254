package io.filereplication.fetch;

/** The peer could not be reached, or the exchange broke off. Next candidate. */
public sealed class UnreachableException extends FetchException permits SilentPeerException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message) {
        super(message);
    }

    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
