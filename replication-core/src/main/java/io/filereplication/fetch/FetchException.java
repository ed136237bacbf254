package io.filereplication.fetch;

/** A fetch ended without the file. The type says what may be done next; the message names peer, file and reason. */
public abstract sealed class FetchException extends Exception
        permits AuthenticationException,
                BadOffsetException,
                BehindException,
                BusyException,
                ChecksumMismatchException,
                FetchCancelledException,
                FileNotOnPeerException,
                NotInManifestException,
                UnreachableException,
                UnsupportedVersionException {
    private static final long serialVersionUID = 1L;

    FetchException(String message) {
        super(message);
    }

    FetchException(String message, Throwable cause) {
        super(message, cause);
    }
}
