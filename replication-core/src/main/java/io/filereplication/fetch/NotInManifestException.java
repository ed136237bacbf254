package io.filereplication.fetch;

/** The peer has applied at least as much and does not hold this version: look at the own manifest again. */
public final class NotInManifestException extends FetchException {
    private static final long serialVersionUID = 1L;

    public NotInManifestException(String message) {
        super(message);
    }

    public NotInManifestException(String message, Throwable cause) {
        super(message, cause);
    }
}
