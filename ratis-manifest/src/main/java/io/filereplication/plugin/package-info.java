/**
 * Putting it together: settings, the group's parts and their order of starting and closing, installation into an existing
 * Ratis server, and {@code FileReplicationNode} for a node that just wants replication.
 *
 * <p><b>Place in the flow:</b> around it. <b>Invariant:</b> everything is checked before anything starts, and whatever
 * fails to start leaves nothing running behind.
 */
@NullMarked
package io.filereplication.plugin;

import org.jspecify.annotations.NullMarked;
