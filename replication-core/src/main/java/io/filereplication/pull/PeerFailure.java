package io.filereplication.pull;

import io.filereplication.fetch.AuthenticationException;
import io.filereplication.fetch.BadOffsetException;
import io.filereplication.fetch.BehindException;
import io.filereplication.fetch.BusyException;
import io.filereplication.fetch.ChecksumMismatchException;
import io.filereplication.fetch.FetchException;
import io.filereplication.fetch.FileNotOnPeerException;
import io.filereplication.fetch.NotInManifestException;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.fetch.UnsupportedVersionException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a peer did not send a file that it was asked for. */
public enum PeerFailure {
    /** It sent authentic bytes that are not the file's. */
    CHECKSUM_MISMATCH,
    FILE_NOT_ON_PEER,
    /** Its manifest, which is as new as ours or newer, does not hold the version. */
    NOT_IN_MANIFEST,
    BAD_OFFSET,
    /** One side did not prove the secret. */
    AUTHENTICATION,
    /** It had no room for another transfer. Not an attempt. */
    BUSY,
    /** It has not applied the registration, or our membership, yet. Not an attempt. */
    BEHIND,
    /** It could not be reached, or the exchange broke off. */
    UNREACHABLE,
    /** It speaks no version of the protocol that we do. */
    UNSUPPORTED_VERSION;

    /** The name in statistics: its own in lower case. */
    public String documentedName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What {@code reason} says of the peer; null when the pull was cancelled, which says nothing. */
    static @Nullable PeerFailure of(FetchException reason) {
        if (reason instanceof ChecksumMismatchException) {
            return CHECKSUM_MISMATCH;
        } else if (reason instanceof FileNotOnPeerException) {
            return FILE_NOT_ON_PEER;
        } else if (reason instanceof NotInManifestException) {
            return NOT_IN_MANIFEST;
        } else if (reason instanceof BadOffsetException) {
            return BAD_OFFSET;
        } else if (reason instanceof AuthenticationException) {
            return AUTHENTICATION;
        } else if (reason instanceof BusyException) {
            return BUSY;
        } else if (reason instanceof BehindException) {
            return BEHIND;
        } else if (reason instanceof UnreachableException) {
            return UNREACHABLE;
        } else if (reason instanceof UnsupportedVersionException) {
            return UNSUPPORTED_VERSION;
        }
        return null;
    }
}
