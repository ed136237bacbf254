package io.filereplication.wire;

/** The peer proved itself but has no room for another session now: again shortly. */
public final class NoRoomException extends WireException {
    private static final long serialVersionUID = 1L;

    NoRoomException(String message) {
        super(message);
    }
}
