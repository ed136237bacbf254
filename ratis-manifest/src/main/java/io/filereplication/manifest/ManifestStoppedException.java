package io.filereplication.manifest;

import java.io.IOException;

/** The node that was asked applies nothing before it is upgraded. Another node may; nothing was changed by this one. */
public final class ManifestStoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With one string only, so that Ratis can make it again on the client's side. */
    public ManifestStoppedException(String message) {
        super(message);
    }
}
