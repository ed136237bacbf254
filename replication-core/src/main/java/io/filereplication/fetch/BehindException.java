package io.filereplication.fetch;

/**
 * The peer has not applied this version yet, or not the configuration that makes this node a member. Not an attempt: again
 * shortly, or another candidate.
 */
public final class BehindException extends FetchException {
    private static final long serialVersionUID = 1L;

    public BehindException(String message) {
        super(message);
    }

    public BehindException(String message, Throwable cause) {
        super(message, cause);
    }
}
