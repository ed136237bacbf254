package io.filereplication.manifest;

import java.io.IOException;

/** A snapshot is torn, truncated or altered, or belongs to another group. What was loaded before is still there. */
public final class CorruptSnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptSnapshotException(String message) {
        super(message);
    }

    CorruptSnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
