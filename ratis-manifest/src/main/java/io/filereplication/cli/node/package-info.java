/**
 * A stand-alone node as a process: its settings, its life, and the commands that reach it through the control socket.
 *
 * <p><b>Place in the flow:</b> around a {@link io.filereplication.plugin.FileReplicationNode}; below the commands in {@code
 * cli}.
 *
 * <p><b>Invariant:</b> however many commands there are, and whatever becomes of them, they cost the node a bounded number of
 * threads, connections and bytes; what hangs is hung up on.
 */
@NullMarked
package io.filereplication.cli.node;

import org.jspecify.annotations.NullMarked;
