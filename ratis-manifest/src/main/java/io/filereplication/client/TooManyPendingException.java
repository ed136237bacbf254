package io.filereplication.client;

/** So much is waiting to be proposed that there is no room for this call; nothing was done. Wait for earlier calls. */
public final class TooManyPendingException extends ManifestClientException {
    private static final long serialVersionUID = 1L;

    TooManyPendingException(int operations, long bytes) {
        super(operations + " operations of " + bytes + " bytes are already waiting");
    }
}
