package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlSocket;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.MessageChannel;
import io.filereplication.time.Scheduler;
import io.filereplication.time.ThreadScheduler;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections of commands: at most {@value #CONNECTIONS} at once, each on a thread of its own, of this user only. Closing
 * hangs up on all.
 */
final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    static final int CONNECTIONS = 16;

    private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

    private final Path path;
    private final ServerSocketChannel server;
    private final UserPrincipal owner;
    private final String name;
    private final Scheduler scheduler;
    private final Commands commands;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    /** Carries out what comes over one connection, until that is over. */
    @FunctionalInterface
    interface Commands {
        void hold(SocketChannel connection) throws IOException;
    }

    private ControlServer(
            Path path,
            ServerSocketChannel server,
            UserPrincipal owner,
            String name,
            Scheduler scheduler,
            Commands commands) {
        this.path = path;
        this.server = server;
        this.owner = owner;
        this.name = name;
        this.scheduler = scheduler;
        this.commands = commands;
    }

    static ControlServer listen(Path path, Requests requests) throws CommandFailure, IOException {
        Scheduler scheduler = new ThreadScheduler(requests + "-control", CONNECTIONS + 1);
        String name = requests + ": control socket " + path;
        return listen(path, name, scheduler, connection -> new Conversation(connection, scheduler).hold(requests));
    }

    /**
     * With the workers of {@code scheduler}, one more than {@value #CONNECTIONS}, which is closed with this;
     * {@code name} is for the log.
     */
    static ControlServer listen(Path path, String name, Scheduler scheduler, Commands commands)
            throws CommandFailure, IOException {
        ServerSocketChannel listening = ControlSocket.listen(path);
        boolean accepting = false;
        try {
            ControlServer server = new ControlServer(path, listening, Files.getOwner(path), name, scheduler, commands);
            scheduler.execute(server::acceptAll);
            accepting = true;
            return server;
        } finally {
            if (!accepting) {
                scheduler.close();
                listening.close();
                Files.deleteIfExists(path);
            }
        }
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                accept(server.accept());
            } catch (ClosedChannelException e) {
                LOG.debug("{}: closed while it waited for commands", this, e);
            } catch (IOException | RejectedExecutionException e) {
                LOG.warn("{}: a command could not be connected", this, e);
                pause();
            }
        }
    }

    /** What went wrong, such as too many open files, may go wrong again at once. */
    private void pause() {
        try {
            scheduler.sleep(AFTER_FAILURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(SocketChannel connection) throws IOException {
        boolean served = false;
        try {
            if (!ControlSocket.isOwn(connection, owner)) {
                LOG.warn("{}: a connection of another user was refused", this);
            } else if (connections.size() >= CONNECTIONS) {
                // Reads nothing: whoever is at the other end must not keep this thread waiting.
                MessageChannel refused = new MessageChannel(connection);
                refused.sendGreeting();
                refused.send(ControlSocket.failure(
                        ExitCode.FAILED,
                        "The node is carrying out " + CONNECTIONS + " commands already: try again when one has ended",
                        ""));
            } else {
                connections.add(connection);
                scheduler.execute(() -> serve(connection));
                served = true;
            }
        } finally {
            if (!served) {
                connections.remove(connection);
                connection.close();
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            commands.hold(connection);
        } catch (IOException e) {
            LOG.debug("{}: a command hung up, or was hung up on", this, e);
        } finally {
            connections.remove(connection);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        scheduler.close();
        Files.deleteIfExists(path);
    }

    @Override
    public String toString() {
        return name;
    }
}
