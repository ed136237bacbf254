package io.filereplication.manifest;

import io.filereplication.Lsn;
import io.filereplication.manifest.proto.ManifestProtocol.AttributeProto;
import io.filereplication.manifest.proto.ManifestProtocol.BatchProto;
import io.filereplication.manifest.proto.ManifestProtocol.BatchReplyProto;
import io.filereplication.manifest.proto.ManifestProtocol.DeleteProto;
import io.filereplication.manifest.proto.ManifestProtocol.OperationProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalReplyProto;
import io.filereplication.manifest.proto.ManifestProtocol.WriteProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * The proposer's side of a log entry: calls become bytes, an entry's reply becomes an answer for each call. For whoever
 * proposes through a Raft client or a state machine of his own; {@code ManifestClient} does it for everybody else.
 */
public final class Proposals {
    /** The format version that this build writes. */
    public static final int WRITTEN_FORMAT = 1;
    /** The newest format version that this build reads. */
    public static final int SUPPORTED_FORMAT = 1;
    /** Most operations in one batch, and in one log entry. */
    public static final int MAX_OPERATIONS = 10_000;

    private Proposals() {}

    /**
     * One call: all of its operations or none.
     *
     * @param knownIndex a log index known to be applied before this batch was proposed <em>first</em>, or -1; repeated
     *     unchanged with the same id. By it a node recognizes that the answer to a repetition may be forgotten, and then
     *     does nothing ({@link BatchResult.Verdict#EXPIRED}) instead of doing it twice
     */
    public record Batch(OperationId id, long knownIndex, List<Operation> operations) {
        public Batch {
            operations = List.copyOf(operations);
            if (operations.size() > MAX_OPERATIONS) {
                throw new IllegalArgumentException(
                        "A batch of " + operations.size() + " operations, the limit is " + MAX_OPERATIONS);
            }
            if (knownIndex < -1) {
                throw new IllegalArgumentException("Known index " + knownIndex);
            }
        }
    }

    /** A log entry that applies {@code batches} one after another. */
    public static ByteString encode(List<Batch> batches) {
        ProposalProto.Builder proposal = ProposalProto.newBuilder().setFormat(WRITTEN_FORMAT);
        for (Batch batch : batches) {
            BatchProto.Builder message = BatchProto.newBuilder()
                    .setIdHigh(batch.id().high())
                    .setIdLow(batch.id().low())
                    .setKnownIndex(batch.knownIndex() + 1);
            for (Operation operation : batch.operations()) {
                message.addOperations(message(operation));
            }
            proposal.addBatches(message);
        }
        return proposal.build().toByteString();
    }

    /**
     * A log entry after which entries of {@code format} may follow. A node that does not know the format stops before it,
     * so it is for an operator whose nodes have all been upgraded.
     */
    public static ByteString encodeEnableFormat(int format) {
        return ProposalProto.newBuilder()
                .setFormat(WRITTEN_FORMAT)
                .setEnableFormat(format)
                .build()
                .toByteString();
    }

    private static OperationProto message(Operation operation) {
        OperationProto.Builder message = OperationProto.newBuilder();
        if (operation instanceof Operation.Register register) {
            return message.setRegister(ManifestCodec.write(register.content()).setOnlyIfAbsent(register.onlyIfAbsent()))
                    .build();
        }
        if (operation instanceof Operation.Update update) {
            WriteProto.Builder write = ManifestCodec.write(update.content());
            Lsn ifLsn = update.ifLsn();
            return message.setUpdate(ifLsn == null ? write : write.setIfLsn(ManifestCodec.position(ifLsn)))
                    .build();
        }
        Operation.Delete delete = (Operation.Delete) operation;
        DeleteProto.Builder remove = DeleteProto.newBuilder()
                .setPath(ManifestCodec.bytes(delete.path()))
                .setReason(delete.reason());
        Lsn ifLsn = delete.ifLsn();
        return message.setDelete(ifLsn == null ? remove : remove.setIfLsn(ManifestCodec.position(ifLsn)))
                .build();
    }

    /** At most this many bytes of a log entry are taken by {@code operation}, without its batch. */
    public static int maxEncodedBytes(Operation operation) {
        int fixed = 128 + operation.path().utf8Length();
        if (operation instanceof Operation.Delete delete) {
            return fixed + delete.reason().getBytes(StandardCharsets.UTF_8).length;
        }
        Operation.Content content = operation instanceof Operation.Register register
                ? register.content()
                : ((Operation.Update) operation).content();
        int attributes = 0;
        if (!content.attributes().isEmpty()) {
            for (AttributeProto attribute : ManifestCodec.messages(content.attributes())) {
                attributes += attribute.getSerializedSize() + 4;
            }
        }
        return fixed + 3 * content.origin().value().length() + attributes;
    }

    /** At most this many bytes of a log entry are taken by a batch beside its operations. */
    public static final int BATCH_OVERHEAD_BYTES = 48;

    /**
     * The answers in an entry's reply, one for each batch of the entry.
     *
     * @throws IllegalArgumentException when this is not a reply
     */
    public static List<BatchResult> decodeReply(ByteString reply, int batches) {
        ProposalReplyProto message;
        try {
            message = ProposalReplyProto.parseFrom(reply);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not a reply of a manifest: " + reply.size() + " bytes", e);
        }
        long index = message.getIndex() - 1;
        BatchResult.Verdict verdict = BatchResult.Verdict.ofCode(message.getVerdict());
        List<BatchResult> results = new ArrayList<>(batches);
        if (verdict != BatchResult.Verdict.APPLIED) {
            for (int i = 0; i < batches; i++) {
                results.add(new BatchResult(verdict, index, List.of()));
            }
            return results;
        }
        if (message.getBatchesCount() != batches) {
            throw new IllegalArgumentException(
                    message.getBatchesCount() + " answers to " + batches + " batches at index " + index);
        }
        for (BatchReplyProto batch : message.getBatchesList()) {
            results.add(ManifestCodec.result(batch, index));
        }
        return results;
    }

    /** Whether the message, or one inside it, has a field that this build does not know. */
    static boolean hasUnknownFields(ProposalProto proposal) {
        if (unknown(proposal)) {
            return true;
        }
        for (BatchProto batch : proposal.getBatchesList()) {
            if (unknown(batch)) {
                return true;
            }
            for (OperationProto operation : batch.getOperationsList()) {
                if (unknown(operation) || hasUnknownFields(operation)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasUnknownFields(OperationProto operation) {
        return switch (operation.getCommandCase()) {
            case REGISTER -> writeHasUnknownFields(operation.getRegister());
            case UPDATE -> writeHasUnknownFields(operation.getUpdate());
            case DELETE -> {
                DeleteProto delete = operation.getDelete();
                yield unknown(delete) || (delete.hasIfLsn() && unknown(delete.getIfLsn()));
            }
            default -> false;
        };
    }

    private static boolean writeHasUnknownFields(WriteProto write) {
        if (unknown(write) || (write.hasIfLsn() && unknown(write.getIfLsn()))) {
            return true;
        }
        for (AttributeProto attribute : write.getAttributesList()) {
            if (unknown(attribute)) {
                return true;
            }
        }
        return false;
    }

    private static boolean unknown(Message message) {
        return !message.getUnknownFields().asMap().isEmpty();
    }

    /**
     * Why an entry with these bytes would be refused as a whole, or null: what a state machine asks before a proposal
     * reaches the log, where anything it does not know is refused instead of stopping every node.
     *
     * @param enabledFormat the newest format that the log has enabled
     */
    static @Nullable String refusal(ByteString entry, int enabledFormat, int supportedFormat) {
        ProposalProto proposal;
        try {
            proposal = ProposalProto.parseFrom(entry);
        } catch (InvalidProtocolBufferException e) {
            return "it is not a proposal of a manifest";
        }
        if (proposal.getFormat() < 1 || proposal.getFormat() > enabledFormat) {
            return "format version " + proposal.getFormat() + " is not enabled, the newest enabled is " + enabledFormat;
        }
        if (proposal.getEnableFormat() > supportedFormat) {
            return "format version " + proposal.getEnableFormat() + " is not known to this node, which knows "
                    + supportedFormat;
        }
        if (hasUnknownFields(proposal)) {
            return "it has a command or field that this node does not know";
        }
        return BatchPlan.firstInvalid(proposal);
    }
}
