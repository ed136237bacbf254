/**
 * How the parts of a group write to the log.
 *
 * <p><b>Place in the flow:</b> beside it; every part that does the work of one group on one node has a {@link
 * io.filereplication.log.NodeLog}.
 *
 * <p><b>Invariant:</b> each line at INFO and above begins with the node and the group that it is about, and a failure that
 * goes on does not fill the log. What happens to single files while all is well is logged at DEBUG, past this package.
 *
 * <p><b>Neighbours:</b> uses {@code time}; is used by {@code storage}, {@code fetch}, {@code serve}, {@code pull} and the
 * module above.
 */
@NullMarked
package io.filereplication.log;

import org.jspecify.annotations.NullMarked;
