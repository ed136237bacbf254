package io.filereplication.wire;

/** A message was not made for this place by somebody who knows the secret: its tag, session, counter or sequence is wrong. */
public final class ForgedMessageException extends WireException {
    private static final long serialVersionUID = 1L;

    private final ProofFailure failure;

    ForgedMessageException(ProofFailure failure, String message) {
        super(message);
        this.failure = failure;
    }

    @Override
    public ProofFailure proofFailure() {
        return failure;
    }
}
