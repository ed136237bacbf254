package io.filereplication.client;

import java.io.IOException;

/** The node was closed before the call ended. What was proposed may have been registered; staged bytes are kept for the next start. */
public final class NodeClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code what} was under way: a path, or a tree of them. */
    NodeClosedException(String what) {
        super("The node was closed while " + what + " was on its way");
    }
}
