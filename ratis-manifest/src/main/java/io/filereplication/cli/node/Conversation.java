package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlSocket;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.MessageChannel;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.FindingProto;
import io.filereplication.cli.control.proto.ControlProtocol.ProgressProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.control.proto.ControlProtocol.UploadProto;
import io.filereplication.time.Scheduler;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's end of one connection. A command that neither reads nor writes for longer than a limit is hung up on. For one
 * thread.
 */
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    /** Between two requests, and for a greeting. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);
    /** Inside one: who uploads may wait for a slow source, who downloads for a slow disk. */
    private static final Duration STALL_LIMIT = Duration.ofMinutes(5);

    private final SocketChannel connection;
    private final MessageChannel channel;
    private final Scheduler scheduler;

    Conversation(SocketChannel connection, Scheduler scheduler) {
        this.connection = connection;
        this.channel = new MessageChannel(connection);
        this.scheduler = scheduler;
    }

    /** Requests one after another, until one fails or the command hangs up. */
    void hold(Requests requests) throws IOException {
        Scheduler.Cancellable guard = scheduler.schedule(IDLE_LIMIT, this::hangUp);
        try {
            channel.greet();
        } finally {
            guard.cancel();
        }
        while (true) {
            ByteString message = receive(IDLE_LIMIT);
            if (message == null) {
                return;
            }
            try {
                DoneProto done = requests.carryOut(RequestProto.parseFrom(message), this);
                send(ReplyProto.newBuilder().setDone(done).build());
            } catch (InvalidProtocolBufferException e) {
                send(ControlSocket.failure(ExitCode.FAILED, "That is not a request of this build's command line", ""));
                return;
            } catch (HungUpException e) {
                throw e.why();
            } catch (CommandFailure e) {
                send(ControlSocket.failure(e.code(), String.valueOf(e.getMessage()), Failures.trace(e)));
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.warn("{}: a command failed", requests, e);
                send(ControlSocket.failure(ExitCode.FAILED, "The node failed: " + e, Failures.trace(e)));
                return;
            }
        }
    }

    /** The connection is of no use any more; never a failure of the node. */
    static final class HungUpException extends Exception {
        private static final long serialVersionUID = 1L;

        HungUpException(IOException why) {
            super(why);
        }

        IOException why() {
            return getCause() instanceof IOException cause ? cause : new IOException(getCause());
        }
    }

    /** What the command uploads next; its end of the connection must not end before the last one. */
    UploadProto nextUpload() throws IOException {
        ByteString message = receive(STALL_LIMIT);
        if (message == null) {
            throw new EOFException("The command hung up before the file was whole");
        }
        return UploadProto.parseFrom(message);
    }

    void reply(ReplyProto reply) throws HungUpException {
        try {
            send(reply);
        } catch (IOException e) {
            throw new HungUpException(e);
        }
    }

    void data(ByteString data) throws HungUpException {
        reply(ReplyProto.newBuilder().setData(data).build());
    }

    void progress(String task, long done, long total, boolean bytes) throws HungUpException {
        reply(ReplyProto.newBuilder()
                .setProgress(ProgressProto.newBuilder()
                        .setTask(task)
                        .setDone(done)
                        .setTotal(total)
                        .setBytes(bytes))
                .build());
    }

    void finding(ByteString path, String outcome) throws HungUpException {
        reply(ReplyProto.newBuilder()
                .setFinding(FindingProto.newBuilder().setPath(path).setOutcome(outcome))
                .build());
    }

    Deadline deadline(Duration fromNow) {
        return new Deadline(scheduler, fromNow);
    }

    /** Waits a moment. */
    void pause(Duration moment) throws InterruptedException {
        scheduler.sleep(moment);
    }

    static DoneProto done(ExitCode code, Map<String, Long> totals) {
        return DoneProto.newBuilder()
                .setCode(code.number())
                .putAllTotals(totals)
                .build();
    }

    /** Sends, or hangs up on who does not read. */
    private void send(ReplyProto reply) throws IOException {
        Scheduler.Cancellable guard = scheduler.schedule(STALL_LIMIT, this::hangUp);
        try {
            channel.send(reply);
        } finally {
            guard.cancel();
        }
    }

    /** Receives, or hangs up on who says nothing for {@code limit}. */
    private @Nullable ByteString receive(Duration limit) throws IOException {
        Scheduler.Cancellable guard = scheduler.schedule(limit, this::hangUp);
        try {
            return channel.receive();
        } finally {
            guard.cancel();
        }
    }

    private void hangUp() {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("A connection that stalled did not close cleanly", e);
        }
    }
}
