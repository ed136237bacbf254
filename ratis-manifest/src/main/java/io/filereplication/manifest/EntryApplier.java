package io.filereplication.manifest;

import io.filereplication.log.NodeLog;
import io.filereplication.manifest.proto.ManifestProtocol.BatchProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalReplyProto;
import java.util.List;
import java.util.function.Supplier;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log entry into one content. Decides from the entry, its format version and the content alone.
 *
 * <p>An entry is first understood as a whole, then applied batch by batch; what is not understood changes nothing.
 */
final class EntryApplier {
    private static final Logger LOG = LoggerFactory.getLogger(EntryApplier.class);

    private final int supportedFormat;
    private final ManifestCounters counters;
    private final Supplier<NodeLog> log;

    EntryApplier(int supportedFormat, ManifestCounters counters, Supplier<NodeLog> log) {
        this.supportedFormat = supportedFormat;
        this.counters = counters;
        this.log = log;
    }

    sealed interface Answer {}

    record Reply(ByteString bytes) implements Answer {}

    record Unknown(StoppedBefore reason) implements Answer {}

    /** Applies the entry and adds what it changed to {@code changes}, in order. */
    Answer apply(ManifestContent content, long index, ByteString entry, List<Change> changes) {
        ProposalProto proposal = parse(entry);
        if (proposal != null) {
            StoppedBefore unknown = unknown(proposal, index);
            if (unknown != null) {
                return new Unknown(unknown);
            }
        }
        boolean again = index <= content.appliedIndex();
        ProposalReplyProto.Builder reply = ProposalReplyProto.newBuilder().setIndex(index + 1);
        if (proposal == null || !isReadable(proposal, content)) {
            counters.unreadableEntries.incrementAndGet();
            log.get()
                    .failure(
                            LOG,
                            "log entry {} changes nothing: it is malformed or of a format that was not enabled",
                            index);
            reply.setVerdict(BatchResult.Verdict.UNREADABLE.code());
        } else {
            reply.setVerdict(BatchResult.Verdict.APPLIED.code());
            if (!again) {
                content.enableFormat(proposal.getEnableFormat());
            }
            applyBatches(content, index, proposal, again, reply, changes);
        }
        if (!again) {
            counters.entryApplied(index);
        }
        return new Reply(reply.build().toByteString());
    }

    private static @Nullable ProposalProto parse(ByteString entry) {
        try {
            return ProposalProto.parseFrom(entry);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private @Nullable StoppedBefore unknown(ProposalProto proposal, long index) {
        if (proposal.getFormat() < 1) {
            // Every build writes a format, so no build understands this.
            return null;
        }
        int needed = Math.max(proposal.getFormat(), proposal.getEnableFormat());
        if (needed > supportedFormat) {
            return new StoppedBefore(
                    index,
                    needed,
                    "it needs format version " + needed + ", this build knows versions up to " + supportedFormat
                            + "; start this node with a newer build and it goes on there");
        }
        if (Proposals.hasUnknownFields(proposal)) {
            return new StoppedBefore(
                    index,
                    supportedFormat + 1,
                    "it has a command or field that this build, which knows format versions up to " + supportedFormat
                            + ", does not know; start this node with a newer build and it goes on there");
        }
        return null;
    }

    private static boolean isReadable(ProposalProto proposal, ManifestContent content) {
        return proposal.getFormat() >= 1
                && proposal.getFormat() <= content.enabledFormat()
                && proposal.getEnableFormat() >= 0
                && BatchPlan.operations(proposal) <= Proposals.MAX_OPERATIONS;
    }

    private void applyBatches(
            ManifestContent content,
            long index,
            ProposalProto proposal,
            boolean again,
            ProposalReplyProto.Builder reply,
            List<Change> changes) {
        int ordinal = 0;
        for (BatchProto batch : proposal.getBatchesList()) {
            reply.addBatches(ManifestCodec.reply(apply(content, index, ordinal, batch, again, changes)));
            ordinal += batch.getOperationsCount();
        }
    }

    private BatchResult apply(
            ManifestContent content, long index, int ordinal, BatchProto batch, boolean again, List<Change> changes) {
        OperationId id = new OperationId(batch.getIdHigh(), batch.getIdLow());
        BatchResult first = content.answers.find(id);
        if (first != null) {
            counters.batchesRepeated.incrementAndGet();
            return first;
        }
        long known = batch.getKnownIndex() - 1;
        if (again || known < content.answers.forgottenIndex()) {
            counters.batchesExpired.incrementAndGet();
            return new BatchResult(BatchResult.Verdict.EXPIRED, index, List.of());
        }
        BatchPlan plan = BatchPlan.of(content, batch, index, ordinal);
        for (Change change : plan.changes()) {
            content.change(change.path(), change.before(), change.after());
            changes.add(change);
        }
        BatchResult result = plan.result(index);
        content.answers.remember(id, result);
        (result.verdict() == BatchResult.Verdict.REFUSED ? counters.batchesRefused : counters.operationsApplied)
                .addAndGet(result.verdict() == BatchResult.Verdict.REFUSED ? 1 : batch.getOperationsCount());
        return result;
    }
}
