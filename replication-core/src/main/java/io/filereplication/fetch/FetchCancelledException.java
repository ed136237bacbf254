package io.filereplication.fetch;

/** The pull no longer wants this file: superseded, deleted, or the puller is closing. Nobody is to blame. */
public final class FetchCancelledException extends FetchException {
    private static final long serialVersionUID = 1L;

    public FetchCancelledException(String message) {
        super(message);
    }

    public FetchCancelledException(String message, Throwable cause) {
        super(message, cause);
    }
}
