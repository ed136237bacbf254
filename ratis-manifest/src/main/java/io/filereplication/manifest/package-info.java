/**
 * The manifest: which files the cluster holds, decided by the Raft log and kept in memory on every node.
 *
 * <p><b>Place in the flow:</b> between Raft's log and everything else. {@link
 * io.filereplication.manifest.ManifestStateMachine} hands committed entries and snapshots to a {@link
 * io.filereplication.manifest.Manifest}, whose listeners (the puller) hear what became of them. The manifest itself knows
 * nothing of Ratis's servers, so an application with a state machine of its own can hold one inside it.
 *
 * <p><b>Invariant:</b> what the manifest holds at a log index is a function of the log up to that index and of nothing else:
 * apply reads no clock, no random number, no disk and no name of this node. An entry that this build does not understand is
 * never skipped.
 */
@NullMarked
package io.filereplication.manifest;

import org.jspecify.annotations.NullMarked;
