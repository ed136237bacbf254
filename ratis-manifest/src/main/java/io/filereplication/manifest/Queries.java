package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.manifest.proto.ManifestProtocol.EntryProto;
import io.filereplication.manifest.proto.ManifestProtocol.PageQueryProto;
import io.filereplication.manifest.proto.ManifestProtocol.QueryProto;
import io.filereplication.manifest.proto.ManifestProtocol.QueryReplyProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Questions to a manifest on another node, as messages for a Raft client's linearizable or stale reads. On the own node,
 * read {@link Manifest} itself.
 */
public final class Queries {
    /** A page ends with the entry that makes its answer longer than this, bytes. */
    public static final int MAX_REPLY_BYTES = 1 << 20;

    private Queries() {}

    /**
     * What a manifest answered.
     *
     * @param appliedIndex how far the answering manifest was, or -1
     * @param count registered files in all
     * @param bytes the sum of their sizes
     * @param entries what was asked for; empty for a summary, a path that is not registered, or behind the last page
     */
    public record Answer(long appliedIndex, long count, long bytes, List<FileEntry> entries) {
        public Answer {
            entries = List.copyOf(entries);
        }
    }

    /** The entry of one path. */
    public static ByteString path(FilePath path) {
        return QueryProto.newBuilder()
                .setPath(ManifestCodec.bytes(path))
                .build()
                .toByteString();
    }

    /** Entries as {@link Manifest#page(String, FilePath, int)} gives them, perhaps fewer. */
    public static ByteString page(String prefix, @Nullable FilePath after, int limit) {
        PageQueryProto.Builder page = PageQueryProto.newBuilder()
                .setPrefix(ByteString.copyFromUtf8(prefix))
                .setLimit(limit);
        if (after != null) {
            page.setAfter(ManifestCodec.bytes(after));
        }
        return QueryProto.newBuilder().setPage(page).build().toByteString();
    }

    /** Index, count and bytes alone: as a linearizable read, the barrier. */
    public static ByteString summary() {
        return QueryProto.newBuilder().setSummary(true).build().toByteString();
    }

    /** A question that the node answers, not its manifest; see {@link ManifestStateMachine#answerMembers}. */
    public static ByteString member(ByteString question) {
        return QueryProto.newBuilder().setMember(question).build().toByteString();
    }

    /**
     * The node's part of an answer, or null when it answers no such questions; throws {@link IllegalArgumentException} when
     * {@code reply} is no answer.
     */
    public static @Nullable ByteString memberAnswer(ByteString reply) {
        QueryReplyProto message = parseReply(reply);
        return message.hasMember() ? message.getMember() : null;
    }

    /** Reads an answer; throws {@link IllegalArgumentException} when it is not one. */
    public static Answer decode(ByteString reply) {
        QueryReplyProto message = parseReply(reply);
        Origins origins = new Origins();
        List<FileEntry> entries = new ArrayList<>(message.getEntriesCount());
        for (EntryProto entry : message.getEntriesList()) {
            entries.add(ManifestCodec.entry(entry, origins));
        }
        return new Answer(message.getAppliedIndex() - 1, message.getCount(), message.getBytes(), entries);
    }

    private static QueryReplyProto parseReply(ByteString reply) {
        try {
            return QueryReplyProto.parseFrom(reply);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not an answer of a manifest: " + reply.size() + " bytes", e);
        }
    }

    /** Answers as the node does what was asked of it as a member; null for a question to the manifest. */
    static @Nullable ByteString answerAsMember(
            Manifest manifest, ByteString question, UnaryOperator<ByteString> answerer) {
        QueryProto query = parse(question);
        return query.hasMember()
                ? QueryReplyProto.newBuilder()
                        .setAppliedIndex(manifest.appliedIndex() + 1)
                        .setMember(answerer.apply(query.getMember()))
                        .build()
                        .toByteString()
                : null;
    }

    /** Answers {@code question} from {@code manifest}; throws {@link IllegalArgumentException} when it is not one. */
    static ByteString answer(Manifest manifest, ByteString question) {
        QueryReplyProto.Builder reply = QueryReplyProto.newBuilder()
                .setAppliedIndex(manifest.appliedIndex() + 1)
                .setCount(manifest.count())
                .setBytes(manifest.bytes());
        QueryProto query = parse(question);
        if (query.hasPath()) {
            FileEntry entry = manifest.get(ManifestCodec.path(query.getPath()));
            if (entry != null) {
                reply.addEntries(ManifestCodec.entry(entry));
            }
        } else if (query.hasPage()) {
            addPage(manifest, query.getPage(), reply);
        }
        return reply.build().toByteString();
    }

    private static QueryProto parse(ByteString question) {
        try {
            return QueryProto.parseFrom(question);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not a question to a manifest: " + question.size() + " bytes", e);
        }
    }

    private static void addPage(Manifest manifest, PageQueryProto page, QueryReplyProto.Builder reply) {
        FilePath after = page.getAfter().isEmpty() ? null : ManifestCodec.path(page.getAfter());
        String prefix = page.getPrefix().toString(StandardCharsets.UTF_8);
        int bytes = 0;
        for (FileEntry entry : manifest.page(prefix, after, page.getLimit())) {
            EntryProto message = ManifestCodec.entry(entry);
            reply.addEntries(message);
            bytes += message.getSerializedSize();
            if (bytes >= MAX_REPLY_BYTES) {
                return;
            }
        }
    }
}
