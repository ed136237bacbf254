package io.filereplication.pull;

import java.util.Locale;

/** What a puller counts for as long as it lives; the documented name of each is its own in lower case. */
enum Count {
    ENQUEUED,
    SKIPPED_SELF,
    SKIPPED_LOCAL,
    SKIPPED_DUPLICATE,
    SKIPPED_UNWANTED,
    SUPERSEDED,
    PULLED,
    PUBLISHED_LOCAL,
    PULLED_BYTES,
    FAILED,
    DEFERRED,
    CHECKSUM_MISMATCH,
    PEER_LOOKUP_FAILURE,
    FILE_NOT_ON_PEER,
    UNREACHABLE,
    BAD_OFFSET_SERVER,
    BAD_OFFSET_STORAGE,
    AUTH_FAILURE,
    STORAGE_FAILURE,
    RESUMED,
    RESUMED_BYTES;

    String documentedName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
