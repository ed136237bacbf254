package io.filereplication.cli.node;

import io.filereplication.NodeId;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.protocol.RaftPeer;

/** A member as it is written on a command line: {@code ID=HOST:RAFT_PORT:STREAM_PORT}; a host with colons in brackets. */
public final class PeerText {
    private static final Pattern FORM = Pattern.compile("([^=]+)=(\\[[^\\]]+\\]|[^:\\[\\]]+):(\\d{1,5}):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private PeerText() {}

    public static RaftPeer parse(String text) throws CommandFailure {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "'" + text
                            + "' is not a member: write ID=HOST:RAFT_PORT:STREAM_PORT, such as n1=127.0.0.1:6001:6002");
        }
        return RaftPeer.newBuilder()
                .setId(id(parts.group(1)).value())
                .setAddress(parts.group(2) + ":" + port(text, parts.group(3)))
                .setDataStreamAddress(parts.group(2) + ":" + port(text, parts.group(4)))
                .build();
    }

    static NodeId id(String text) throws CommandFailure {
        try {
            return NodeId.of(text.strip());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, e.getMessage() + ": choose another id", e);
        }
    }

    private static int port(String text, String digits) throws CommandFailure {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > MAX_PORT) {
            throw new CommandFailure(
                    ExitCode.USAGE, "'" + text + "' has the port " + digits + ": choose one from 1 to " + MAX_PORT);
        }
        return port;
    }
}
