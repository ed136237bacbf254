package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.http.HttpEndpoint;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that replicates, answers commands, and answers HTTP, from {@link #start} to {@link #close}. Thread-safe. */
public final class RunningNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private @Nullable InetSocketAddress http;

    private RunningNode() {}

    /** Starts everything; on failure nothing runs. */
    public static RunningNode start(NodeSettings settings) throws CommandFailure {
        RunningNode running = new RunningNode();
        boolean started = false;
        try {
            running.open(settings);
            started = true;
            return running;
        } catch (NoSuchFileException e) {
            throw new CommandFailure(ExitCode.FAILED, missing(settings, e), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, String.valueOf(e.getMessage()), e);
        } finally {
            if (!started) {
                running.close();
            }
        }
    }

    private static String missing(NodeSettings settings, NoSuchFileException e) {
        return String.valueOf(settings.secrets()).equals(e.getFile())
                ? "There is no secrets file " + e.getFile()
                        + ": make one with 'secret generate' and give every member the same, or name it with --secrets"
                : "There is no " + e.getFile();
    }

    private void open(NodeSettings settings) throws IOException, CommandFailure {
        for (Path directory : new Path[] {settings.socket().getParent(), settings.files(), settings.raft()}) {
            if (directory != null && !Files.exists(directory)) {
                // Only for its owner: what lies in it may not be for everybody.
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        }
        Path secrets = settings.secrets();
        FileReplicationNode node = part(FileReplicationNode.newBuilder()
                .setPeer(settings.self())
                .setGroup(settings.group())
                .setStorageRoot(settings.files())
                .setRaftDirectory(settings.raft())
                .setClusterName(settings.cluster())
                .setSecrets(secrets == null ? ClusterSecrets.fromEnvironment() : ClusterSecrets.fromFile(secrets))
                .setProperties(settings.properties())
                .setParameters(settings.parameters())
                .build());
        node.start();
        part(ControlServer.listen(settings.socket(), new Requests(node, settings)));
        InetSocketAddress address = settings.http();
        if (address != null) {
            http = part(HttpEndpoint.open(node, address)).address();
        }
        LOG.info(
                "{}: answers commands at {}, HTTP {}",
                node,
                settings.socket(),
                http == null ? "off" : "at " + http.getAddress().getHostAddress() + ":" + http.getPort());
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    /** Where HTTP is answered, or null. */
    public @Nullable InetSocketAddress http() {
        return http;
    }

    /** Ends everything in the opposite order of its start. Idempotent. */
    @Override
    public synchronized void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part, e);
            }
        }
    }
}
