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
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final DirectoryOption directory = new DirectoryOption();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings; default: DIR/" + NodeProperties.FILE_NAME + ", if there is one.")
    private @Nullable Path config;

    @Option(
            names = "--peer",
            paramLabel = "ID=HOST:RAFT_PORT:STREAM_PORT",
            description = "A first member of the group, this node included; can be given again (" + NodeSettings.PEERS
                    + ", with commas).")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "Any setting: node.*, file.replication.* or raft.*; can be given again.")
    private Map<String, String> others = new LinkedHashMap<>();

    @Option(names = "--verbose", description = "Where a failure came from, and more of the log.")
    @SuppressWarnings("UnusedVariable") // Main reads it from the arguments, before anything is parsed
    private boolean verbose;

    /** What the options below were given. */
    private final Map<String, String> given = new LinkedHashMap<>();

    NodeCommand(Streams streams) {
        this.streams = streams;
    }

    @Option(names = "--id", paramLabel = "ID", description = "This node's id (" + NodeSettings.ID + ").")
    void id(@Nullable String id) {
        give(NodeSettings.ID, id);
    }

    @Option(
            names = "--join",
            arity = "0..1",
            fallbackValue = "true",
            description = "Joins a group that exists: give this node alone as --peer, start it, and have a member run "
                    + "'member add' (" + NodeSettings.JOIN + ").")
    void join(@Nullable Boolean join) {
        give(NodeSettings.JOIN, join);
    }

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "The group, a UUID or a name; default: " + NodeSettings.DEFAULT_GROUP + " ("
                    + NodeSettings.GROUP + ").")
    void group(@Nullable String group) {
        give(NodeSettings.GROUP, group);
    }

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "Tells clusters apart that share a secret (" + NodeSettings.CLUSTER + ").")
    void cluster(@Nullable String cluster) {
        give(NodeSettings.CLUSTER, cluster);
    }

    @Option(
            names = "--files",
            paramLabel = "DIR",
            description = "Where the files lie; default: DIR/files (" + NodeSettings.FILES + ").")
    void files(@Nullable Path files) {
        give(NodeSettings.FILES, absolute(files));
    }

    @Option(
            names = "--raft",
            paramLabel = "DIR",
            description = "Where the Raft log lies; default: DIR/raft (" + NodeSettings.RAFT + ").")
    void raft(@Nullable Path raft) {
        give(NodeSettings.RAFT, absolute(raft));
    }

    @Option(
            names = "--secrets",
            paramLabel = "FILE",
            description = "The cluster's secrets, or '" + NodeSettings.ENVIRONMENT
                    + "' for $FILEREPLICATION_SECRETS; default: DIR/secret (" + NodeSettings.SECRETS + ").")
    void secrets(@Nullable String secrets) {
        boolean isFile = secrets != null && !secrets.equals(NodeSettings.ENVIRONMENT);
        give(NodeSettings.SECRETS, isFile ? absolute(Path.of(secrets)) : secrets);
    }

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "The control socket; default: DIR/control.socket (" + NodeSettings.SOCKET + ").")
    void socket(@Nullable Path socket) {
        give(NodeSettings.SOCKET, absolute(socket));
    }

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "Where health, readiness and metrics are served, or '" + NodeSettings.OFF + "'; default: "
                    + NodeSettings.DEFAULT_HTTP + " (" + NodeSettings.HTTP + ").")
    void http(@Nullable String http) {
        give(NodeSettings.HTTP, http);
    }

    /** The parser also says what was not given. */
    private void give(String key, @Nullable Object value) {
        if (value != null) {
            given.put(key, value.toString());
        }
    }

    /** A relative path on the command line is below the working directory. */
    private static @Nullable Path absolute(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath();
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        NodeSettings settings = NodeSettings.of(directory.path, values());
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
                            + ", commands with --dir " + directory.path);
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
                : NodeProperties.readIfThere(directory.path.resolve(NodeProperties.FILE_NAME));
        values.putAll(others);
        if (!peers.isEmpty()) {
            values.put(NodeSettings.PEERS, String.join(",", peers));
        }
        values.putAll(given);
        return values;
    }
}
