/**
 * A small HTTP endpoint of a stand-alone node: is it up, is it ready, its numbers.
 *
 * <p><b>Place in the flow:</b> beside it, for probes and for Prometheus. It only reads.
 *
 * <p><b>Invariant:</b> whatever is asked of it, and however slowly, costs the node a bounded number of threads and
 * connections, and never a lock that replication needs.
 *
 * <p><b>Neighbours:</b> reads a {@link io.filereplication.plugin.FileReplicationNode}; the command line opens it.
 */
@NullMarked
package io.filereplication.http;

import org.jspecify.annotations.NullMarked;
