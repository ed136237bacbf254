package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ControlSocket;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.node.NodeProperties;
import io.filereplication.cli.node.NodeSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which node of this machine a command is for. */
final class NodeOption {
    @Option(
            names = {"-d", "--dir"},
            paramLabel = "DIR",
            defaultValue = "${env:FILEREPLICATION_DIR:-.}",
            description = "The node's directory; default: $FILEREPLICATION_DIR, or else the working directory.")
    Path directory = Path.of(".");

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "The node's control socket; default: " + NodeSettings.SOCKET + " in DIR/"
                    + NodeProperties.FILE_NAME + ", or else DIR/" + ControlSocket.DEFAULT_NAME + ".")
    @Nullable
    Path socket;

    ControlClient connect() throws CommandFailure {
        return ControlClient.connect(path());
    }

    private Path path() throws CommandFailure {
        if (socket != null) {
            return socket;
        }
        String configured = NodeProperties.readIfThere(directory.resolve(NodeProperties.FILE_NAME))
                .getOrDefault(NodeSettings.SOCKET, ControlSocket.DEFAULT_NAME);
        if (configured.isBlank()) {
            throw new CommandFailure(
                    ExitCode.USAGE, NodeSettings.SOCKET + " is empty: name the control socket with --socket");
        }
        return directory.resolve(configured);
    }
}
