/**
 * The manifest: what the cluster knows of every replicated file, as a Ratis state machine.
 *
 * <p>Invariant: every node that has applied the same log holds the same manifest. Commands come in from the log and leave
 * as events to listeners; no bytes of files pass through here.
 */
@NullMarked
package io.filereplication.manifest;

import org.jspecify.annotations.NullMarked;
