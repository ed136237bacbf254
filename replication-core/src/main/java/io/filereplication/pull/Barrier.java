package io.filereplication.pull;

import java.util.concurrent.CompletableFuture;

/**
 * The proof, by a read index, that this node has applied everything that was committed when it asked.
 *
 * <p>Over Ratis this is a linearizable read on the node's own server; it is retried by the adapter while there is no leader.
 */
@FunctionalInterface
public interface Barrier {
    /** Completes with an applied index that covers everything committed before this call; cancelling it gives up. */
    CompletableFuture<Long> pass();
}
