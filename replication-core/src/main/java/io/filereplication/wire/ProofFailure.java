package io.filereplication.wire;

import java.util.List;

/** Why a message proves nothing. For counting and for the own log: the peer is told none of it. */
public enum ProofFailure {
    /** It is no message of the protocol, or of no kind that may come here. */
    MALFORMED,
    /** A hello names a key id that is not accepted. */
    UNKNOWN_KEY,
    /** A hello's tag does not verify: another secret, cluster, group or receiver, or a changed message. */
    HELLO_TAG,
    /** A hello was heard before, and what came of it is over. */
    REPEATED_HELLO,
    /** A request names a session that does not exist, not any more, or not here. */
    UNKNOWN_SESSION,
    /** A request's session began with a secret that is not accepted any more. */
    WITHDRAWN_SECRET,
    /** A request's tag does not verify. */
    REQUEST_TAG,
    /** A request's counter was used before, or is too old to know. */
    REPEATED_COUNTER,
    /** The tag of an answer to a hello does not verify. */
    HELLO_ANSWER_TAG,
    /** The tag of a message of an answer does not verify. */
    ANSWER_TAG,
    /** A message of an answer is authentic but has its place elsewhere: repeated, reordered, or of another request. */
    ANSWER_PLACE;

    private static final List<ProofFailure> OF_SERVERS = List.of(
            MALFORMED,
            UNKNOWN_KEY,
            HELLO_TAG,
            REPEATED_HELLO,
            UNKNOWN_SESSION,
            WITHDRAWN_SECRET,
            REQUEST_TAG,
            REPEATED_COUNTER);

    /** Those that a server finds in what clients send. */
    public static List<ProofFailure> ofServers() {
        return OF_SERVERS;
    }
}
