package io.filereplication.cli.control;

import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.FailureProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.control.proto.ControlProtocol.UploadProto;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/** A command's connection to a node: requests one after another, each with its replies. For one thread. */
public final class ControlClient implements AutoCloseable {
    private final MessageChannel channel;

    private ControlClient(MessageChannel channel) {
        this.channel = channel;
    }

    public static ControlClient connect(Path socket) throws CommandFailure {
        return new ControlClient(ControlSocket.connect(socket));
    }

    /** Hears each reply before the last; may give the command up. */
    @FunctionalInterface
    public interface Replies {
        void accept(ReplyProto reply) throws CommandFailure;
    }

    /** Has {@code request} carried out; ends as the node says. */
    public DoneProto run(RequestProto request, Replies replies) throws CommandFailure {
        begin(request);
        return finish(replies);
    }

    /** Sends a request that is followed by uploads. */
    public void begin(RequestProto request) throws CommandFailure {
        try {
            channel.send(request);
        } catch (IOException e) {
            throw lastWord(e);
        }
    }

    public void upload(ByteString data, boolean last) throws CommandFailure {
        try {
            channel.send(UploadProto.newBuilder().setData(data).setLast(last).build());
        } catch (IOException e) {
            throw lastWord(e);
        }
    }

    /** Hears the replies up to the last. */
    public DoneProto finish(Replies replies) throws CommandFailure {
        while (true) {
            ReplyProto reply;
            try {
                reply = next();
            } catch (IOException e) {
                throw lost(e);
            }
            if (reply == null) {
                throw lost(null);
            }
            switch (reply.getReplyCase()) {
                case DONE -> {
                    return reply.getDone();
                }
                case FAILURE -> throw failure(reply.getFailure());
                default -> replies.accept(reply);
            }
        }
    }

    private @Nullable ReplyProto next() throws IOException {
        ByteString message = channel.receive();
        try {
            return message == null ? null : ReplyProto.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("not a reply", e);
        }
    }

    /** A node that gives a request up says why before it hangs up; that is worth more than the broken pipe. */
    private CommandFailure lastWord(IOException brokenPipe) {
        try {
            for (ReplyProto reply = next(); reply != null; reply = next()) {
                if (reply.hasFailure()) {
                    return failure(reply.getFailure());
                }
            }
        } catch (IOException e) {
            brokenPipe.addSuppressed(e);
        }
        return lost(brokenPipe);
    }

    private static CommandFailure failure(FailureProto said) {
        return new CommandFailure(ExitCode.of(said.getCode()), said.getSentence(), said.getStackTrace());
    }

    private static CommandFailure lost(@Nullable IOException why) {
        return new CommandFailure(
                ExitCode.NO_NODE,
                "The node hung up before the command had ended: look into its log, then see with 'stat' or 'status' what was done",
                why);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // What mattered has been said; nothing is lost with the connection.
        }
    }
}
