package io.filereplication.fetch;

import io.filereplication.NodeId;
import io.filereplication.wire.ForgedMessageException;
import io.filereplication.wire.MalformedMessageException;
import io.filereplication.wire.NoCommonVersionException;
import io.filereplication.wire.NoRoomException;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.SessionRefusedException;
import io.filereplication.wire.WireException;
import org.jspecify.annotations.Nullable;

/** What a refusal, or a message that should not have come, means for the fetch. */
final class Failures {
    private Failures() {}

    /** The failure for a peer's refusal of {@code what}; null is a code that this build does not know. */
    static FetchException refused(NodeId peer, Object what, @Nullable RefusalCode code) {
        if (code == null) {
            return new UnreachableException(peer + " refused " + what + " for a reason that this build does not know");
        }
        String message = peer + " refused " + what + ": " + code;
        return switch (code) {
            case FILE_NOT_HERE -> new FileNotOnPeerException(message);
            case NOT_IN_MANIFEST -> new NotInManifestException(message);
            case BEHIND -> new BehindException(message);
            case BUSY -> new BusyException(message);
            case BAD_OFFSET -> new BadOffsetException(message);
            case VERSION -> new UnsupportedVersionException(message);
            // Our proof was good. A node that joins by a snapshot knows its peers before they have committed that it is
            // one.
            case NOT_MEMBER -> new BehindException(message);
            case INVALID_PATH, MALFORMED -> new UnreachableException(message);
        };
    }

    /** The failure of an exchange in which {@code e} came. */
    static FetchException broken(NodeId peer, WireException e) {
        String message = peer + ": " + e.getMessage();
        if (e instanceof MalformedMessageException) {
            return new UnreachableException(message, e);
        }
        if (e instanceof NoCommonVersionException) {
            return new UnsupportedVersionException(message, e);
        }
        if (e instanceof NoRoomException) {
            return new BusyException(message, e);
        }
        assert e instanceof ForgedMessageException || e instanceof SessionRefusedException;
        return new AuthenticationException(message, e);
    }
}
