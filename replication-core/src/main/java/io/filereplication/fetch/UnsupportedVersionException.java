package io.filereplication.fetch;

/** The peer speaks no protocol version that we do. Next candidate; an upgrade is needed. */
public final class UnsupportedVersionException extends FetchException {
    private static final long serialVersionUID = 1L;

    public UnsupportedVersionException(String message) {
        super(message);
    }

    public UnsupportedVersionException(String message, Throwable cause) {
        super(message, cause);
    }
}
