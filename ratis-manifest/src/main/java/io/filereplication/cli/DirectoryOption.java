package io.filereplication.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a node has everything that is not said to be elsewhere. */
final class DirectoryOption {
    @Option(
            names = {"-d", "--dir"},
            paramLabel = "DIR",
            defaultValue = "${env:FILEREPLICATION_DIR:-.}",
            description = "The node's directory; default: $FILEREPLICATION_DIR, or else the working directory.")
    Path path = Path.of(".");
}
