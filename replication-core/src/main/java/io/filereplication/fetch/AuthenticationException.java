package io.filereplication.fetch;

/** The peer refused our proof, or could not prove its own. Next candidate; the peer rests for a while. */
public final class AuthenticationException extends FetchException {
    private static final long serialVersionUID = 1L;

    public AuthenticationException(String message) {
        super(message);
    }

    public AuthenticationException(String message, Throwable cause) {
        super(message, cause);
    }
}
