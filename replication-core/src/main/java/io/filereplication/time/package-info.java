/**
 * Time, threads and waiting as ports, so that a simulation can own all three.
 *
 * <p><b>Place in the flow:</b> below everything that waits or runs later. <b>Invariant:</b> nothing in the core reads a
 * clock, starts a thread, sleeps or blocks on another task except through {@link io.filereplication.time.Scheduler}.
 */
@NullMarked
package io.filereplication.time;

import org.jspecify.annotations.NullMarked;
