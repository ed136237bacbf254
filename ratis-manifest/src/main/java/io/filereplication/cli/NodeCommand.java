package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.node.NodeProperties;
import io.filereplication.cli.node.NodeSettings;
import io.filereplication.cli.node.RunningNode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code node}. */
@Command(
        name = "node",
        description = {
            "Runs a node until it is told to stop by SIGTERM or Ctrl-C, which ends it with 0.",
            "Settings come from DIR/" + NodeProperties.FILE_NAME
                    + " or another file, and from options, which count more. A relative path in the file is below DIR."
        },
        mixinStandardHelpOptions = true)
final class NodeCommand implements Callable<Integer> {
    private final Streams streams;
    private final CountDownLatch told = new CountDownLatch(1);

    @Option(
            names = {"-d", "--dir"},
            paramLabel = "DIR",
            defaultValue = "${env:FILEREPLICATION_DIR:-.}",
            description = "The node's directory; default: $FILEREPLICATION_DIR, or else the working directory.")
    private Path directory = Path.of(".");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings; default: DIR/" + NodeProperties.FILE_NAME + ", if there is one.")
    private @Nullable Path config;

    @Option(names = "--id", paramLabel = "ID", description = "This node's id (" + NodeSettings.ID + ").")
    private @Nullable String id;

    @Option(
            names = "--peer",
            paramLabel = "ID=HOST:RAFT_PORT:STREAM_PORT",
            description = "A first member of the group, this node included; can be given again (" + NodeSettings.PEERS
                    + ", with commas).")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--join",
            arity = "0..1",
            fallbackValue = "true",
            description = "Joins a group that exists: give this node alone as --peer, start it, and have a member run "
                    + "'member add' (" + NodeSettings.JOIN + ").")
    private @Nullable Boolean join;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "The group, a UUID or a name; default: " + NodeSettings.DEFAULT_GROUP + " ("
                    + NodeSettings.GROUP + ").")
    private @Nullable String group;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "Tells clusters apart that share a secret (" + NodeSettings.CLUSTER + ").")
    private @Nullable String cluster;

    @Option(
            names = "--files",
            paramLabel = "DIR",
            description = "Where the files lie; default: DIR/files (" + NodeSettings.FILES + ").")
    private @Nullable Path files;

    @Option(
            names = "--raft",
            paramLabel = "DIR",
            description = "Where the Raft log lies; default: DIR/raft (" + NodeSettings.RAFT + ").")
    private @Nullable Path raft;

    @Option(
            names = "--secrets",
            paramLabel = "FILE",
            description = "The cluster's secrets, or '" + NodeSettings.ENVIRONMENT
                    + "' for $FILEREPLICATION_SECRETS; default: DIR/secret (" + NodeSettings.SECRETS + ").")
    private @Nullable String secrets;

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "The control socket; default: DIR/control.socket (" + NodeSettings.SOCKET + ").")
    private @Nullable Path socket;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "Where health, readiness and metrics are served, or '" + NodeSettings.OFF + "'; default: "
                    + NodeSettings.DEFAULT_HTTP + " (" + NodeSettings.HTTP + ").")
    private @Nullable String http;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "Any setting: node.*, file.replication.* or raft.*; can be given again.")
    private Map<String, String> others = new LinkedHashMap<>();

    @Option(names = "--verbose", description = "Where a failure came from, and more of the log.")
    @SuppressWarnings("UnusedVariable") // Main reads it from the arguments, before anything is parsed
    private boolean verbose;

    NodeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        NodeSettings settings = NodeSettings.of(directory, values());
        Termination.listen(told::countDown);
        try (RunningNode node = RunningNode.start(settings)) {
            InetSocketAddress address = node.http();
            streams.out()
                    .println(settings.self().getId() + " is up: Raft at "
                            + settings.self().getAddress() + ", files at "
                            + settings.self().getDataStreamAddress()
                            + (address == null
                                    ? ""
                                    : ", HTTP at " + address.getAddress().getHostAddress() + ":" + address.getPort())
                            + ", commands with --dir " + directory);
            streams.out().flush();
            told.await();
        }
        streams.out().println(settings.self().getId() + " has stopped");
        return ExitCode.OK.number();
    }

    /** The file's settings, and over them the options'. */
    private Map<String, String> values() throws CommandFailure {
        Map<String, String> values = config != null
                ? NodeProperties.read(config)
                : NodeProperties.readIfThere(directory.resolve(NodeProperties.FILE_NAME));
        values.putAll(others);
        set(values, NodeSettings.ID, id);
        set(values, NodeSettings.PEERS, peers.isEmpty() ? null : String.join(",", peers));
        set(values, NodeSettings.JOIN, join);
        set(values, NodeSettings.GROUP, group);
        set(values, NodeSettings.CLUSTER, cluster);
        set(values, NodeSettings.FILES, absolute(files));
        set(values, NodeSettings.RAFT, absolute(raft));
        Object secretsAt =
                secrets == null || secrets.equals(NodeSettings.ENVIRONMENT) ? secrets : absolute(Path.of(secrets));
        set(values, NodeSettings.SECRETS, secretsAt);
        set(values, NodeSettings.SOCKET, absolute(socket));
        set(values, NodeSettings.HTTP, http);
        return values;
    }

    /** A relative path on the command line is below the working directory. */
    private static @Nullable Path absolute(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath();
    }

    private static void set(Map<String, String> values, String key, @Nullable Object value) {
        if (value != null) {
            values.put(key, value.toString());
        }
    }
}
