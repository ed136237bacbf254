/**
 * What a node says of itself, and what its members answer when it asks them.
 *
 * <p><b>Place in the flow:</b> beside it; people and programs that operate a cluster look in here. A question travels as a stale
 * read of the group, so it is as well protected as Raft's own port.
 *
 * <p><b>Invariant:</b> an answer is made from memory alone. Who asks gets an answer from every member within a bound: what it
 * said, or why there is nothing.
 */
@NullMarked
package io.filereplication.status;

import org.jspecify.annotations.NullMarked;
