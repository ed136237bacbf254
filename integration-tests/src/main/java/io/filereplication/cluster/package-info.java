/**
 * Ratis clusters in this process, with the manifest as their state machine, that can be stopped, restarted, wiped and grown.
 *
 * <p><b>Place in the flow:</b> around everything; for cluster tests and benchmarks. <b>Invariant:</b> only loopback addresses
 * and free ports; whatever was started is ended by {@code close()}.
 */
@NullMarked
package io.filereplication.cluster;

import org.jspecify.annotations.NullMarked;
