package io.filereplication.status;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.status.proto.StatusProtocol.QuestionProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** Asks this node and all other members of the group. Thread-safe; does not block; every answer is complete in time. */
public final class Members {
    private final NodeId self;
    private final Supplier<NodeStatus> node;
    private final Function<FilePath, FileStatus> file;
    private final MemberTransport transport;

    /** {@code node} and {@code file} say what {@code self} does; the others are asked through {@code transport}. */
    public Members(
            NodeId self, Supplier<NodeStatus> node, Function<FilePath, FileStatus> file, MemberTransport transport) {
        this.self = self;
        this.node = node;
        this.file = file;
        this.transport = transport;
    }

    /** This node, without asking anybody. */
    public NodeStatus here() {
        return node.get();
    }

    /** What this node has of {@code path}, without asking anybody. */
    public FileStatus here(FilePath path) {
        return file.apply(path);
    }

    /** What each member is and does; completes within {@code timeout}, and never exceptionally. */
    public CompletableFuture<Map<NodeId, MemberAnswer<NodeStatus>>> nodes(Duration timeout) {
        ByteString question = QuestionProto.newBuilder().setNode(true).build().toByteString();
        return ask(node.get(), question, StatusMessages::decodeNode, timeout);
    }

    /** What each member has of {@code path}; completes within {@code timeout}, and never exceptionally. */
    public CompletableFuture<Map<NodeId, MemberAnswer<FileStatus>>> file(FilePath path, Duration timeout) {
        ByteString question = QuestionProto.newBuilder()
                .setPath(ByteString.copyFrom(path.toUtf8()))
                .build()
                .toByteString();
        return ask(file.apply(path), question, StatusMessages::decodeFile, timeout);
    }

    private <T> CompletableFuture<Map<NodeId, MemberAnswer<T>>> ask(
            T own, ByteString question, Function<ByteString, T> decode, Duration timeout) {
        Map<NodeId, CompletableFuture<MemberAnswer<T>>> asked = new TreeMap<>();
        asked.put(self, CompletableFuture.completedFuture(new MemberAnswer.Answered<>(own)));
        for (NodeId other : transport.others()) {
            asked.computeIfAbsent(
                    other,
                    id -> transport
                            .ask(id, question)
                            .<MemberAnswer<T>>thenApply(answer -> new MemberAnswer.Answered<>(decode.apply(answer)))
                            .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                            .exceptionally(failure -> new MemberAnswer.Silent<>(reason(failure, timeout))));
        }
        List<CompletableFuture<MemberAnswer<T>>> all = List.copyOf(asked.values());
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(unused -> {
            Map<NodeId, MemberAnswer<T>> answers = new TreeMap<>();
            asked.forEach((id, answer) -> answers.put(id, answer.join()));
            return answers;
        });
    }

    private static String reason(@Nullable Throwable failure, Duration timeout) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TimeoutException) {
            return "no answer within " + timeout.toMillis() + " ms";
        }
        return cause == null ? "no answer" : firstLine(cause);
    }

    private static String firstLine(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
