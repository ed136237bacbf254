package io.filereplication.client;

import java.io.IOException;

/** Why a call to the manifest has no answer; each subtype says whether anything may have been done. */
public abstract sealed class ManifestClientException extends IOException
        permits OutcomeUnknownException, NotProposedException, ProposalRefusedException, TooManyPendingException {
    private static final long serialVersionUID = 1L;

    ManifestClientException(String message) {
        super(message);
    }

    ManifestClientException(String message, Throwable cause) {
        super(message, cause);
    }
}
