package io.filereplication.wire;

/** A message is not what it would have to be. The type says what that means; the message text never repeats peer bytes. */
public abstract sealed class WireException extends Exception
        permits ForgedMessageException,
                MalformedMessageException,
                NoCommonVersionException,
                NoRoomException,
                SessionRefusedException {
    private static final long serialVersionUID = 1L;

    WireException(String message) {
        super(message);
    }

    /** Why the message proves nothing. */
    public ProofFailure proofFailure() {
        return ProofFailure.MALFORMED;
    }
}
