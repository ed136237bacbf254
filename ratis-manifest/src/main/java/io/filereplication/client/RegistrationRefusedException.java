package io.filereplication.client;

import io.filereplication.FilePath;
import io.filereplication.manifest.OperationStatus;
import java.io.IOException;

/** The manifest refused an operation; nothing was changed. {@link #status()} says why. */
public final class RegistrationRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final OperationStatus status;

    RegistrationRefusedException(FilePath path, OperationStatus status) {
        super("The manifest refused " + path + ": " + status);
        this.status = status;
    }

    /** The typed reason. */
    public OperationStatus status() {
        return status;
    }
}
