package io.filereplication.manifest;

import java.io.IOException;

/** A whole snapshot that a newer build wrote. It is not touched; this node must be upgraded. */
public final class UnsupportedSnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int neededFormat;

    UnsupportedSnapshotException(int neededFormat, int supportedFormat) {
        super("The snapshot needs format version " + neededFormat + ", this build knows versions up to "
                + supportedFormat + ": start this node with a newer build");
        this.neededFormat = neededFormat;
    }

    /** The format version that the reader has to know. */
    public int neededFormat() {
        return neededFormat;
    }
}
