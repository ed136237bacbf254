/**
 * An application as an embedder writes it: a Ratis server with a state machine of its own in one group, and file
 * replication in another; and one that holds a manifest inside its own state machine.
 *
 * <p><b>Place in the flow:</b> outside; it uses what is public and nothing else. docs/embedding.md explains it.
 */
@NullMarked
package io.filereplication.example;

import org.jspecify.annotations.NullMarked;
