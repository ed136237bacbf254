package io.filereplication.wire;

/** The peer gave the uniform refusal: it does not know the session, or our proof did not convince it. */
public final class SessionRefusedException extends WireException {
    private static final long serialVersionUID = 1L;

    SessionRefusedException(String message) {
        super(message);
    }
}
