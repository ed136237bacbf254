package io.filereplication.fetch;

/**
 * The request was sent and nothing came for as long as the peer may be silent; nothing is known of a broken connection. A peer that
 * has lost its sessions may be silent too, as few refusals are written at once; so this, unlike other reasons for which a peer is
 * out of reach, puts the session in doubt.
 */
public final class SilentPeerException extends UnreachableException {
    private static final long serialVersionUID = 1L;

    public SilentPeerException(String message) {
        super(message);
    }

    public SilentPeerException(String message, Throwable cause) {
        super(message, cause);
    }
}
