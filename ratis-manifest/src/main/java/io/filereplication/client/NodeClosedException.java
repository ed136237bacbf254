package io.filereplication.client;

import io.filereplication.FilePath;
import java.io.IOException;

/** The node was closed before the call ended. What was proposed may have been registered; staged bytes are kept for the next start. */
public final class NodeClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    NodeClosedException(FilePath path) {
        super("The node was closed while " + path + " was on its way");
    }
}
