package io.filereplication.plugin;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Asks the group's leader how far the log is committed. */
@FunctionalInterface
interface ReadIndex {
    /**
     * The leader's commit index, which it names only after it has confirmed, behind this call, that it still leads. May block
     * while a connection is made. Fails, or throws, while there is no leader; may never complete when the leader is cut off.
     */
    CompletableFuture<Long> ask() throws IOException;
}
