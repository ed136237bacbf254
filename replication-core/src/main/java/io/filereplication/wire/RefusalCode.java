package io.filereplication.wire;

import org.jspecify.annotations.Nullable;

/** Why a proven peer does not get a file, or anything. The numbers are part of the protocol. */
public enum RefusalCode {
    /** The manifest here holds that version, the disk does not. */
    FILE_NOT_HERE(1),
    /** The manifest here has applied at least as much and does not hold that version. */
    NOT_IN_MANIFEST(2),
    /** The manifest here has not applied that far. */
    BEHIND(3),
    /** No room for another transfer, or the file is being verified: again shortly. */
    BUSY(4),
    /** The file cannot be read from that offset. */
    BAD_OFFSET(5),
    /** The request uses what the session's version does not have. */
    VERSION(6),
    /** The requester is no member of the group. */
    NOT_MEMBER(7),
    /** The path breaks a rule. */
    INVALID_PATH(8),
    /** The request makes no sense. */
    MALFORMED(9);

    private static final RefusalCode[] CODES = values();

    private final int number;

    RefusalCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The code with this number, or null when this build does not know it. */
    static @Nullable RefusalCode of(int number) {
        return number >= 1 && number <= CODES.length ? CODES[number - 1] : null;
    }
}
