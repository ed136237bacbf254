package io.filereplication.client;

import io.filereplication.manifest.OperationId;
import org.jspecify.annotations.Nullable;

/**
 * The call was proposed and no answer came in time: it may have been done, or may still be. After a linearizable read the
 * manifest shows which; proposing the same batch again with {@link #operationId} does nothing twice.
 */
public final class OutcomeUnknownException extends ManifestClientException {
    private static final long serialVersionUID = 1L;

    private final transient OperationId operationId;

    OutcomeUnknownException(OperationId operationId, String why, @Nullable Throwable last) {
        super("The outcome of operation " + operationId + " is unknown: " + why);
        this.operationId = operationId;
        if (last != null) {
            initCause(last);
        }
    }

    public OperationId operationId() {
        return operationId;
    }
}
