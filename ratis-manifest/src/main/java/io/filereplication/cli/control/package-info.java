/**
 * What a command and a running node say to one another, over a Unix-domain socket on their machine.
 *
 * <p><b>Place in the flow:</b> between {@code cli}, where commands are, and {@code cli.node}, where they are carried out.
 *
 * <p><b>Invariant:</b> the socket is the owner's alone: by its mode, by the directory that it is in, and by whom the kernel says
 * is at the other end. So there is no new way in over the network.
 */
@NullMarked
package io.filereplication.cli.control;

import org.jspecify.annotations.NullMarked;
