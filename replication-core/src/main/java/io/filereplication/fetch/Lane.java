package io.filereplication.fetch;

import io.filereplication.wire.Protocol;

/** Which of the two ways to a peer a request takes, so that hellos, questions and small files never wait behind large ones. */
public enum Lane {
    /** Hellos, questions, and up to {@link Protocol#SMALL_ANSWER_BYTES} of files. */
    SMALL,
    /** Everything larger. */
    BULK;

    /** The lane of a request for so many bytes of files. */
    static Lane of(long fileBytes) {
        return fileBytes <= Protocol.SMALL_ANSWER_BYTES ? SMALL : BULK;
    }
}
