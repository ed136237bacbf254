/**
 * The serving side's decisions: who may read what, from which byte, how many at once, and what is answered to everyone else.
 *
 * <p><b>Place in the flow:</b> between a peer's request, which an adapter carries in, and the local files.
 *
 * <p><b>Invariant:</b> whoever has not proven the cluster's secret gets one uniform refusal and learns nothing.
 */
@NullMarked
package io.filereplication.serve;

import org.jspecify.annotations.NullMarked;
