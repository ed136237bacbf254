package io.filereplication.cli.control;

import io.filereplication.cli.control.proto.ControlProtocol.FailureProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/** The file through which commands reach a node: its rules, and both ends of a connection. */
public final class ControlSocket {
    /** Longest path of a Unix-domain socket, bytes: the JDK's limit, one less than that of Linux. */
    public static final int MAX_PATH_BYTES = 106;
    /** The socket's name in a node's directory. */
    public static final String DEFAULT_NAME = "control.socket";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> REPLACEABLE_BY_OTHERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /** What Java calls a user without a name. */
    private static final String UNKNOWN_USER = "?";

    private ControlSocket() {}

    /**
     * Listens at {@code path}, which only this user can connect to.
     *
     * @throws CommandFailure when the path is too long, somebody else may write to its directory, or a node listens there
     */
    public static ServerSocketChannel listen(Path path) throws CommandFailure {
        Path absolute = path.toAbsolutePath().normalize();
        requireShort(absolute);
        ServerSocketChannel server = null;
        boolean listening = false;
        try {
            requireOwnDirectory(absolute);
            removeStale(absolute);
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(absolute));
            Files.setPosixFilePermissions(absolute, OWNER_ONLY);
            listening = true;
            return server;
        } catch (IOException | UnsupportedOperationException e) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "The control socket " + absolute + " cannot be made: " + reason(e)
                            + ". Choose another place for it with --socket",
                    e);
        } finally {
            if (server != null && !listening) {
                closeQuietly(server);
            }
        }
    }

    private static void requireShort(Path absolute) throws CommandFailure {
        int bytes = absolute.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "The path of the control socket " + absolute + " has " + bytes + " bytes, and the platform allows "
                            + MAX_PATH_BYTES + ": choose a shorter one with --socket");
        }
    }

    private static void requireOwnDirectory(Path absolute) throws IOException, CommandFailure {
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new CommandFailure(
                    ExitCode.USAGE, absolute + " is not a file in a directory: choose another --socket");
        }
        Set<PosixFilePermission> tooMany = EnumSet.copyOf(REPLACEABLE_BY_OTHERS);
        tooMany.retainAll(Files.getPosixFilePermissions(directory));
        if (!tooMany.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "Others may write to " + directory + ", and so could put a control socket of their own there: run "
                            + "'chmod go-w " + directory + "', or choose another place with --socket");
        }
    }

    /** A node that was killed leaves its socket behind. */
    private static void removeStale(Path absolute) throws IOException, CommandFailure {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(absolute));
        } catch (IOException nobodyListens) {
            deleteSocket(absolute);
            return;
        }
        throw new CommandFailure(
                ExitCode.FAILED, "A node listens at " + absolute + " already: stop it, or choose another --socket");
    }

    /** Nothing but a socket: a mistyped path must not cost a file. */
    private static void deleteSocket(Path absolute) throws IOException, CommandFailure {
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(absolute, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!found.isOther()) {
            throw new CommandFailure(
                    ExitCode.USAGE, absolute + " is there and is not a control socket: choose another --socket");
        }
        Files.deleteIfExists(absolute);
    }

    /** Whether whoever connected is this user, or root. The mode of the socket says so too; the kernel cannot be raced. */
    public static boolean isOwn(SocketChannel connection, UserPrincipal owner) throws IOException {
        String peer =
                connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        return peer.equals(owner.getName()) || peer.equals("root");
    }

    /** Connects to the node that listens at {@code path}. */
    public static MessageChannel connect(Path path) throws CommandFailure {
        Path absolute = path.toAbsolutePath().normalize();
        requireShort(absolute);
        SocketChannel channel = null;
        MessageChannel connected = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(absolute));
            requireKnown(absolute, channel);
            MessageChannel messages = new MessageChannel(channel);
            messages.greet();
            connected = messages;
            return messages;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.NO_NODE,
                    "No node answers at " + absolute + " (" + reason(e)
                            + "): start one, or name its directory with --dir or its socket with --socket",
                    e);
        } finally {
            if (channel != null && connected == null) {
                closeQuietly(channel);
            }
        }
    }

    /** Somebody else's socket would get what is put, and could answer anything. Root knows whose nodes it asks. */
    private static void requireKnown(Path absolute, SocketChannel channel) throws IOException, CommandFailure {
        String self = System.getProperty("user.name", UNKNOWN_USER);
        String listens =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        boolean trusted = listens.equals(self) || listens.equals("root");
        if (!trusted && !self.equals("root") && !self.equals(UNKNOWN_USER)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "At " + absolute + " listens a process of the user " + listens + ", not of " + self
                            + ": run this as the node's user, or name another node with --dir or --socket");
        }
    }

    /** The last thing that a connection hears which cannot be served. */
    public static ReplyProto failure(ExitCode code, String sentence, String stackTrace) {
        return ReplyProto.newBuilder()
                .setFailure(FailureProto.newBuilder()
                        .setCode(code.number())
                        .setSentence(sentence)
                        .setStackTrace(stackTrace))
                .build();
    }

    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException missing) {
            return "there is no " + missing.getFile();
        }
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return String.valueOf(e.getMessage());
    }

    private static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            // It is being given up because of an earlier failure, which is reported.
        }
    }
}
