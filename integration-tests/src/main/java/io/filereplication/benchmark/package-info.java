/**
 * The benchmarks: what the software does, measured beside an alternative in the same run where there is one.
 *
 * <p><b>Place in the flow:</b> around everything, through the public types that an application uses. {@link
 * io.filereplication.benchmark.Benchmarks} is the main class; a benchmark starts processes, measures, and hands {@link
 * io.filereplication.benchmark.Result}s to the {@link io.filereplication.benchmark.Report}.
 *
 * <p><b>Invariant:</b> whatever a benchmark started or wrote is gone when it ends; only loopback addresses and free ports; a
 * run during which others had more than a tenth of the machine does not count as long as a quieter one can be had.
 */
@NullMarked
package io.filereplication.benchmark;

import org.jspecify.annotations.NullMarked;
