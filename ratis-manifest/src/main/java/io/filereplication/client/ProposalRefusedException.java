package io.filereplication.client;

import org.jspecify.annotations.Nullable;

/** The cluster does not accept the proposal and never will; nothing was done. */
public final class ProposalRefusedException extends ManifestClientException {
    private static final long serialVersionUID = 1L;

    ProposalRefusedException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
    }
}
