package io.filereplication.wire;

/** The two builds have no protocol version in common: one of them has to be upgraded. */
public final class NoCommonVersionException extends WireException {
    private static final long serialVersionUID = 1L;

    NoCommonVersionException(String message) {
        super(message);
    }
}
