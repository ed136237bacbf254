/**
 * The demo cluster: three node processes replicate real Parquet files, lose their origin and one disk, and end up equal.
 *
 * <p><b>Place in the flow:</b> outermost. {@link io.filereplication.demo.Demo} is a plain parent process that knows nothing
 * of Ratis; each {@link io.filereplication.demo.DemoNode} is a child with one replicated node, driven by
 * {@link io.filereplication.demo.Message} lines over its standard input and output.
 *
 * <p><b>Invariant:</b> nothing is taken from what a node says about itself that can be checked on its disk: digests are
 * computed from the published bytes, counts and sums by DuckDB from the published Parquet files. Whatever the demo creates
 * lies below one temporary directory, and neither that nor a process outlives it.
 */
@NullMarked
package io.filereplication.demo;

import org.jspecify.annotations.NullMarked;
