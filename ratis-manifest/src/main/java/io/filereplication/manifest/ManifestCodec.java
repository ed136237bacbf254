package io.filereplication.manifest;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.AnswerProto;
import io.filereplication.manifest.proto.ManifestProtocol.AttributeProto;
import io.filereplication.manifest.proto.ManifestProtocol.BatchReplyProto;
import io.filereplication.manifest.proto.ManifestProtocol.EntryProto;
import io.filereplication.manifest.proto.ManifestProtocol.OperationReplyProto;
import io.filereplication.manifest.proto.ManifestProtocol.PositionProto;
import io.filereplication.manifest.proto.ManifestProtocol.WriteProto;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Values of the manifest as messages and back. What is read is validated: a field out of range is an {@link IllegalArgumentException}. */
final class ManifestCodec {
    private ManifestCodec() {}

    static PositionProto position(Lsn lsn) {
        return PositionProto.newBuilder()
                .setIndex(lsn.index())
                .setOrdinal(lsn.ordinal())
                .build();
    }

    static Lsn lsn(PositionProto position) {
        return new Lsn(position.getIndex(), position.getOrdinal());
    }

    static ByteString bytes(FilePath path) {
        return UnsafeByteOperations.unsafeWrap(path.toUtf8());
    }

    static ByteString bytes(Sha256 digest) {
        return UnsafeByteOperations.unsafeWrap(digest.toBytes());
    }

    static FilePath path(ByteString utf8) {
        return FilePath.ofUtf8(utf8.toByteArray());
    }

    static Attributes attributes(List<AttributeProto> messages) {
        if (messages.isEmpty()) {
            return Attributes.NONE;
        }
        SortedMap<String, String> map = new TreeMap<>();
        for (AttributeProto message : messages) {
            if (map.put(message.getKey(), message.getValue()) != null) {
                throw new IllegalArgumentException("An attribute is named twice");
            }
        }
        return Attributes.of(map);
    }

    static List<AttributeProto> messages(Attributes attributes) {
        List<AttributeProto> messages = new ArrayList<>(attributes.asMap().size());
        for (Map.Entry<String, String> attribute : attributes.asMap().entrySet()) {
            messages.add(AttributeProto.newBuilder()
                    .setKey(attribute.getKey())
                    .setValue(attribute.getValue())
                    .build());
        }
        return messages;
    }

    static WriteProto.Builder write(Operation.Content content) {
        return WriteProto.newBuilder()
                .setPath(bytes(content.path()))
                .setSha256(bytes(content.sha256()))
                .setSizeBytes(content.sizeBytes())
                .setOrigin(content.origin().value())
                .setCreatedAtMillis(content.createdAt().toEpochMilli())
                .addAllAttributes(messages(content.attributes()));
    }

    static Operation.Content content(WriteProto write, Origins origins) {
        return new Operation.Content(
                path(write.getPath()),
                Sha256.of(write.getSha256().toByteArray()),
                write.getSizeBytes(),
                origins.intern(write.getOrigin()),
                Instant.ofEpochMilli(write.getCreatedAtMillis()),
                attributes(write.getAttributesList()));
    }

    static EntryProto entry(FileEntry entry) {
        EntryProto.Builder message = EntryProto.newBuilder()
                .setPath(bytes(entry.path()))
                .setSha256(bytes(entry.sha256()))
                .setSizeBytes(entry.sizeBytes())
                .setOrigin(entry.originNodeId().value())
                .setCreatedAtMillis(entry.createdAt().toEpochMilli())
                .setContentLsn(position(entry.contentLsn()))
                .setLsn(position(entry.lsn()));
        if (!entry.attributes().isEmpty()) {
            message.addAllAttributes(messages(entry.attributes()));
        }
        return message.build();
    }

    static FileEntry entry(EntryProto message, Origins origins) {
        return new FileEntry(
                path(message.getPath()),
                Sha256.of(message.getSha256().toByteArray()),
                message.getSizeBytes(),
                origins.intern(message.getOrigin()),
                Instant.ofEpochMilli(message.getCreatedAtMillis()),
                attributes(message.getAttributesList()),
                lsn(message.getContentLsn()),
                lsn(message.getLsn()));
    }

    static BatchReplyProto reply(BatchResult result) {
        BatchReplyProto.Builder reply =
                BatchReplyProto.newBuilder().setVerdict(result.verdict().code());
        for (OperationResult operation : result.operations()) {
            OperationReplyProto.Builder message = OperationReplyProto.newBuilder()
                    .setStatus(operation.status().code());
            Lsn contentLsn = operation.contentLsn();
            if (contentLsn != null) {
                message.setContentLsn(position(contentLsn));
            }
            Lsn lsn = operation.lsn();
            if (lsn != null) {
                message.setLsn(position(lsn));
            }
            reply.addOperations(message);
        }
        return reply.build();
    }

    static BatchResult result(BatchReplyProto reply, long logIndex) {
        List<OperationResult> operations = new ArrayList<>(reply.getOperationsCount());
        for (OperationReplyProto message : reply.getOperationsList()) {
            OperationStatus status = OperationStatus.ofCode(message.getStatus());
            if (status == null) {
                throw new IllegalArgumentException("No operation status has the code " + message.getStatus());
            }
            operations.add(new OperationResult(
                    status,
                    message.hasContentLsn() ? lsn(message.getContentLsn()) : null,
                    message.hasLsn() ? lsn(message.getLsn()) : null));
        }
        return new BatchResult(BatchResult.Verdict.ofCode(reply.getVerdict()), logIndex, operations);
    }

    static AnswerProto answer(OperationId id, BatchResult answer) {
        return AnswerProto.newBuilder()
                .setIdHigh(id.high())
                .setIdLow(id.low())
                .setIndex(answer.logIndex())
                .setReply(reply(answer))
                .build();
    }
}
