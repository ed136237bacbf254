package io.filereplication.cli.node;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.MemberProto;
import io.filereplication.cli.control.proto.ControlProtocol.MembersProto;
import io.filereplication.cli.control.proto.ControlProtocol.RemoveProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.node.Conversation.HungUpException;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.status.MemberAnswer;
import io.filereplication.status.StatusMessages;
import io.filereplication.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Carries out the requests of commands on one node. Thread-safe; blocks as long as a request takes. */
final class Requests {
    private static final long ANY_INDEX = -1;

    private final FileReplicationNode node;
    private final PutRequest put;
    private final GetRequest get;
    private final VerifyRequest verify;
    private final CatchUpRequest catchUp;
    private final MembershipRequest membership;

    Requests(FileReplicationNode node, NodeSettings settings) {
        this.node = node;
        this.put = new PutRequest(node, this);
        this.get = new GetRequest(node);
        this.verify = new VerifyRequest(node);
        this.catchUp = new CatchUpRequest(node);
        this.membership = new MembershipRequest(node, settings.parameters());
    }

    /** Answers through {@code conversation}, but for the last reply, which is returned. */
    DoneProto carryOut(RequestProto request, Conversation conversation)
            throws CommandFailure, HungUpException, InterruptedException {
        try {
            return switch (request.getCommandCase()) {
                case PUT -> put.carryOut(request.getPut(), conversation);
                case GET -> get.carryOut(request.getGet(), conversation);
                case QUERY -> query(request.getQuery(), conversation);
                case HOLDERS -> holders(request.getHolders(), conversation);
                case REMOVE -> remove(request.getRemove(), conversation);
                case STATUS -> status(request.getStatus(), conversation);
                case VERIFY -> verify.carryOut(request.getVerify(), conversation);
                case CATCH_UP -> catchUp.carryOut(request.getCatchUp(), conversation);
                case ADD_MEMBER -> membership.add(request.getAddMember());
                case REMOVE_MEMBER -> membership.remove(request.getRemoveMember());
                default ->
                    throw new CommandFailure(
                            ExitCode.USAGE, "The node does not know that command: use the command line of its build");
            };
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        } catch (IOException | StorageException | ExecutionException e) {
            throw Failures.of(e);
        }
    }

    private DoneProto query(ByteString question, Conversation conversation)
            throws HungUpException, ExecutionException, InterruptedException {
        manifestAnswer(question, conversation);
        return Conversation.done(ExitCode.OK, Map.of());
    }

    /** Replies with what this node's manifest says, as old as it is. */
    void manifestAnswer(ByteString question, Conversation conversation)
            throws HungUpException, ExecutionException, InterruptedException {
        ByteString answer = node.stateMachine()
                .queryStale(Message.valueOf(question), ANY_INDEX)
                .get()
                .getContent();
        conversation.reply(ReplyProto.newBuilder().setManifest(answer).build());
    }

    private DoneProto remove(RemoveProto request, Conversation conversation)
            throws HungUpException, ExecutionException, InterruptedException {
        long removed = 0;
        for (ByteString path : request.getPathsList()) {
            boolean existed = node.files()
                    .deleteAsync(FilePath.ofUtf8(path.toByteArray()), request.getReason())
                    .get();
            conversation.finding(path, existed ? "removed" : "absent");
            removed += existed ? 1 : 0;
        }
        boolean all = removed == request.getPathsCount();
        return Conversation.done(all ? ExitCode.OK : ExitCode.NOT_FOUND, Map.of("removed", removed));
    }

    private DoneProto status(MembersProto request, Conversation conversation)
            throws HungUpException, ExecutionException, InterruptedException {
        if (request.getWaitMillis() == 0) {
            reply(
                    node.members().here().id(),
                    new MemberAnswer.Answered<>(node.members().here()),
                    StatusMessages::encode,
                    conversation);
        } else {
            replyAll(
                    node.members()
                            .nodes(Duration.ofMillis(request.getWaitMillis()))
                            .get(),
                    StatusMessages::encode,
                    conversation);
        }
        return Conversation.done(ExitCode.OK, Map.of());
    }

    private DoneProto holders(MembersProto request, Conversation conversation)
            throws HungUpException, ExecutionException, InterruptedException {
        FilePath path = FilePath.ofUtf8(request.getPath().toByteArray());
        replyAll(
                node.members()
                        .file(path, Duration.ofMillis(request.getWaitMillis()))
                        .get(),
                StatusMessages::encode,
                conversation);
        return Conversation.done(ExitCode.OK, Map.of());
    }

    private static <T> void replyAll(
            Map<NodeId, MemberAnswer<T>> answers, Function<T, ByteString> encode, Conversation conversation)
            throws HungUpException {
        for (Map.Entry<NodeId, MemberAnswer<T>> answer : answers.entrySet()) {
            reply(answer.getKey(), answer.getValue(), encode, conversation);
        }
    }

    private static <T> void reply(
            NodeId member, MemberAnswer<T> answer, Function<T, ByteString> encode, Conversation conversation)
            throws HungUpException {
        MemberProto.Builder reply = MemberProto.newBuilder().setId(member.value());
        if (answer instanceof MemberAnswer.Answered<T> answered) {
            reply.setAnswer(encode.apply(answered.said()));
        } else if (answer instanceof MemberAnswer.Silent<T> silent) {
            reply.setReason(silent.reason());
        }
        conversation.reply(ReplyProto.newBuilder().setMember(reply).build());
    }

    /** Begins lines of the log, and the names of the threads that carry out requests. */
    @Override
    public String toString() {
        return node.server().getId().toString();
    }
}
