package io.filereplication.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and writes.
 *
 * @param out results alone
 * @param err everything else
 * @param terminal whether somebody looks on: bars move and screens are cleared only then
 */
record Streams(InputStream in, PrintStream out, PrintStream err, boolean terminal) {}
