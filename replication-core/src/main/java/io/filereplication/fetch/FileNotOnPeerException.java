package io.filereplication.fetch;

/** The peer holds the version in its manifest but not on its disk. Next candidate. */
public final class FileNotOnPeerException extends FetchException {
    private static final long serialVersionUID = 1L;

    public FileNotOnPeerException(String message) {
        super(message);
    }

    public FileNotOnPeerException(String message, Throwable cause) {
        super(message, cause);
    }
}
