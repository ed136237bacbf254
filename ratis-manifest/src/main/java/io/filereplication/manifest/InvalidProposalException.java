package io.filereplication.manifest;

import java.io.IOException;

/** A proposal was refused before it reached the log. It has changed nothing and will be refused again. */
public final class InvalidProposalException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With one string only, so that Ratis can make it again on the client's side. */
    public InvalidProposalException(String message) {
        super(message);
    }
}
