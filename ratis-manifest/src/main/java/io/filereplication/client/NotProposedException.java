package io.filereplication.client;

/** The call was never sent, so nothing was done: its time ran out behind others, or the client was closed. */
public final class NotProposedException extends ManifestClientException {
    private static final long serialVersionUID = 1L;

    NotProposedException(String message) {
        super(message);
    }
}
