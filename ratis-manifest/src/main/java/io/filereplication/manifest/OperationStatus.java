package io.filereplication.manifest;

import org.jspecify.annotations.Nullable;

/** What became of one operation. The codes are in log replies and snapshots: a code is never given another meaning. */
public enum OperationStatus {
    /** The path is new. */
    REGISTERED(1, true),
    /** The path has new content. */
    CONTENT_REPLACED(2, true),
    /** The content was there; the attributes are new. */
    ATTRIBUTES_CHANGED(3, true),
    /** All of it was there: the version stays. */
    UNCHANGED(4, true),
    /** The entry is gone. */
    DELETED(5, true),
    /** There was no entry. */
    NOTHING_TO_DELETE(6, true),

    /** Refused: the path is registered and the operation wanted it absent. */
    EXISTS(16, false),
    /** Refused: the path is not registered and the operation needs it. */
    ABSENT(17, false),
    /** Refused: the entry was written after the given position. */
    LSN_MISMATCH(18, false),
    /** Refused: a registered file would have to be a directory, or the other way round. */
    PATH_CONFLICT(19, false),
    /** Refused: a field breaks a rule. Never from an operation of {@link Operation}'s constructors. */
    INVALID(20, false),
    /** Refused: the batch names the path twice. */
    DUPLICATE_PATH(21, false),
    /** Would have been accepted, but the batch was not. */
    BATCH_REFUSED(22, false);

    private static final OperationStatus[] BY_CODE = new OperationStatus[32];

    static {
        for (OperationStatus status : values()) {
            BY_CODE[status.code] = status;
        }
    }

    private final int code;
    private final boolean accepted;

    OperationStatus(int code, boolean accepted) {
        this.code = code;
        this.accepted = accepted;
    }

    /** Whether the manifest is now as the operation wanted it. */
    public boolean isAccepted() {
        return accepted;
    }

    /** Whether there is a content now that was not registered before: then listeners hear of it, on every node. */
    public boolean changesContent() {
        return this == REGISTERED || this == CONTENT_REPLACED;
    }

    int code() {
        return code;
    }

    static @Nullable OperationStatus ofCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
