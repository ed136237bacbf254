package io.filereplication.wire;

/** The bytes do not have the layout of any message that would be allowed here. */
public final class MalformedMessageException extends WireException {
    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }
}
