package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ControlSocket;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.node.NodeProperties;
import io.filereplication.cli.node.NodeSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which node of this machine a command is for. */
final class NodeOption {
    @Mixin
    private final DirectoryOption directory = new DirectoryOption();

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
        String configured = NodeProperties.readIfThere(directory.path.resolve(NodeProperties.FILE_NAME))
                .getOrDefault(NodeSettings.SOCKET, ControlSocket.DEFAULT_NAME);
        if (configured.isBlank()) {
            throw new CommandFailure(
                    ExitCode.USAGE, NodeSettings.SOCKET + " is empty: name the control socket with --socket");
        }
        return directory.path.resolve(configured);
    }
}
