package io.filereplication.client;

import io.filereplication.FileVersion;
import java.io.IOException;

/** The file is registered, but its bytes are not on this node yet, or are being verified: wait with {@code awaitLocal}. */
public final class FileNotLocalException extends IOException {
    private static final long serialVersionUID = 1L;

    FileNotLocalException(FileVersion version, String why) {
        super(version + " is registered but not readable here: " + why);
    }
}
