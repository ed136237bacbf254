/**
 * The command line: one jar that runs a node and operates it.
 *
 * <p><b>Place in the flow:</b> above everything, and outside of the ordinary jar: an embedder gets neither this package nor what it
 * depends on.
 *
 * <p><b>Invariant:</b> a command ends with one of {@link io.filereplication.cli.control.ExitCode}, and when it failed, with one
 * sentence that names the way out. Standard output is for results alone.
 */
@NullMarked
package io.filereplication.cli;

import org.jspecify.annotations.NullMarked;
