package io.filereplication.cli;

import picocli.CommandLine.Option;

/** How a command says what it did. */
final class OutputOption {
    @Option(names = "--json", description = "Results as JSON, one object a line; no progress.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress.")
    boolean quiet;

    @Option(names = "--verbose", description = "Where a failure came from, and the log.")
    boolean verbose;

    Progress progress(Streams streams) {
        return json || quiet ? Progress.NONE : Progress.on(streams);
    }
}
