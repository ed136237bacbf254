package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.manifest.proto.ManifestProtocol.BatchProto;
import io.filereplication.manifest.proto.ManifestProtocol.DeleteProto;
import io.filereplication.manifest.proto.ManifestProtocol.OperationProto;
import io.filereplication.manifest.proto.ManifestProtocol.PositionProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalProto;
import io.filereplication.manifest.proto.ManifestProtocol.WriteProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one batch would do to the manifest: every operation is looked at before any is done. An operation sees what those
 * before it in the batch would do.
 *
 * <p>A function of the content, the message and its place in the log; changes nothing.
 */
final class BatchPlan {
    private final ManifestContent content;
    private final boolean single;
    private final List<Change> changes = new ArrayList<>(1);
    private final List<OperationResult> results;
    /** The changes by path; stays empty for a batch of one, as does {@link #named}. */
    private final NavigableMap<FilePath, Change> planned;

    private final Set<FilePath> named;
    private boolean refused;

    private BatchPlan(ManifestContent content, int operations) {
        this.content = content;
        this.single = operations == 1;
        this.results = new ArrayList<>(operations);
        this.planned = single ? Collections.emptyNavigableMap() : new TreeMap<>();
        this.named = single ? Set.of() : new HashSet<>();
    }

    /** The plan for {@code batch}, whose first operation is the {@code firstOrdinal}-th of the log entry at {@code index}. */
    static BatchPlan of(ManifestContent content, BatchProto batch, long index, int firstOrdinal) {
        BatchPlan plan = new BatchPlan(content, batch.getOperationsCount());
        int ordinal = firstOrdinal;
        for (OperationProto operation : batch.getOperationsList()) {
            plan.add(operation, new Lsn(index, ordinal++));
        }
        return plan;
    }

    /** What to do, in order; nothing when the batch is refused. */
    List<Change> changes() {
        return refused ? List.of() : changes;
    }

    BatchResult result(long index) {
        if (!refused) {
            return new BatchResult(BatchResult.Verdict.APPLIED, index, results);
        }
        List<OperationResult> answers = new ArrayList<>(results.size());
        for (OperationResult result : results) {
            answers.add(
                    result.status().isAccepted()
                            ? new OperationResult(OperationStatus.BATCH_REFUSED, null, null)
                            : result);
        }
        return new BatchResult(BatchResult.Verdict.REFUSED, index, answers);
    }

    private void add(OperationProto operation, Lsn at) {
        OperationResult result;
        try {
            result = plan(operation, at);
        } catch (IllegalArgumentException e) {
            result = new OperationResult(OperationStatus.INVALID, null, null);
        }
        refused |= !result.status().isAccepted();
        results.add(result);
    }

    private OperationResult plan(OperationProto operation, Lsn at) {
        return switch (operation.getCommandCase()) {
            case REGISTER -> write(operation.getRegister(), false, at);
            case UPDATE -> write(operation.getUpdate(), true, at);
            case DELETE -> delete(operation.getDelete(), at);
            default -> throw new IllegalArgumentException("No command");
        };
    }

    private OperationResult write(WriteProto write, boolean update, Lsn at) {
        checkForm(write, update);
        Operation.Content wanted = ManifestCodec.content(write, content.origins);
        if (namedBefore(wanted.path())) {
            return new OperationResult(OperationStatus.DUPLICATE_PATH, null, null);
        }
        FileEntry before = find(wanted.path());
        if (before == null) {
            if (update) {
                return new OperationResult(OperationStatus.ABSENT, null, null);
            }
            if (conflicts(wanted.path())) {
                return new OperationResult(OperationStatus.PATH_CONFLICT, null, null);
            }
            return put(wanted.path(), null, entry(wanted, wanted.path(), at), at, OperationStatus.REGISTERED);
        }
        if (write.getOnlyIfAbsent()) {
            return about(before, OperationStatus.EXISTS);
        }
        if (write.hasIfLsn() && !before.lsn().equals(ManifestCodec.lsn(write.getIfLsn()))) {
            return about(before, OperationStatus.LSN_MISMATCH);
        }
        if (!before.hasContent(wanted.sha256(), wanted.sizeBytes())) {
            return put(before.path(), before, entry(wanted, before.path(), at), at, OperationStatus.CONTENT_REPLACED);
        }
        if (before.attributes().equals(wanted.attributes())) {
            return about(before, OperationStatus.UNCHANGED);
        }
        FileEntry relabelled = new FileEntry(
                before.path(),
                before.sha256(),
                before.sizeBytes(),
                before.originNodeId(),
                before.createdAt(),
                wanted.attributes(),
                before.contentLsn(),
                at);
        return put(before.path(), before, relabelled, at, OperationStatus.ATTRIBUTES_CHANGED);
    }

    private static FileEntry entry(Operation.Content wanted, FilePath path, Lsn at) {
        return new FileEntry(
                path,
                wanted.sha256(),
                wanted.sizeBytes(),
                wanted.origin(),
                wanted.createdAt(),
                wanted.attributes(),
                at,
                at);
    }

    private OperationResult delete(DeleteProto delete, Lsn at) {
        checkForm(delete);
        FilePath path = ManifestCodec.path(delete.getPath());
        if (namedBefore(path)) {
            return new OperationResult(OperationStatus.DUPLICATE_PATH, null, null);
        }
        FileEntry before = find(path);
        if (before == null) {
            return new OperationResult(
                    delete.hasIfLsn() ? OperationStatus.ABSENT : OperationStatus.NOTHING_TO_DELETE, null, null);
        }
        if (delete.hasIfLsn() && !before.lsn().equals(ManifestCodec.lsn(delete.getIfLsn()))) {
            return about(before, OperationStatus.LSN_MISMATCH);
        }
        plan(new Change(before.path(), at, before, null));
        return new OperationResult(OperationStatus.DELETED, before.contentLsn(), at);
    }

    private OperationResult put(
            FilePath path, @Nullable FileEntry before, FileEntry after, Lsn at, OperationStatus status) {
        plan(new Change(path, at, before, after));
        return about(after, status);
    }

    private static OperationResult about(FileEntry entry, OperationStatus status) {
        return new OperationResult(status, entry.contentLsn(), entry.lsn());
    }

    private void plan(Change change) {
        changes.add(change);
        if (!single) {
            planned.put(change.path(), change);
        }
    }

    private boolean namedBefore(FilePath path) {
        return !single && !named.add(path);
    }

    private @Nullable FileEntry find(FilePath path) {
        Change change = planned.get(path);
        return change != null ? change.after() : content.entries.get(path);
    }

    /** Whether the new {@code path} is below a file, or a directory of files. */
    private boolean conflicts(FilePath path) {
        return isDirectory(path) || isBelowFile(path);
    }

    private boolean isBelowFile(FilePath path) {
        FilePath parent = path.parent();
        if (parent == null) {
            return false;
        }
        FilePath neighbour = content.entries.lowerKey(path);
        if (planned.isEmpty() && neighbour != null && parent.isAbove(neighbour)) {
            // The neighbour is a file in the same directory, so nothing above it can be a file.
            return false;
        }
        for (FilePath above = parent; above != null; above = above.parent()) {
            if (find(above) != null) {
                return true;
            }
        }
        return false;
    }

    private boolean isDirectory(FilePath path) {
        FilePath least = path.leastBelow();
        if (least == null) {
            return false;
        }
        FilePath below = content.entries.ceilingKey(least);
        while (below != null && path.isAbove(below)) {
            if (find(below) != null) {
                return true;
            }
            below = content.entries.higherKey(below);
        }
        for (Change change : planned.tailMap(least, true).values()) {
            if (!path.isAbove(change.path())) {
                return false;
            }
            if (change.after() != null) {
                return true;
            }
        }
        return false;
    }

    private static void checkForm(WriteProto write, boolean update) {
        if (update ? write.getOnlyIfAbsent() : write.hasIfLsn()) {
            throw new IllegalArgumentException("The condition does not belong to the command");
        }
        check(write.hasIfLsn(), write.getIfLsn());
    }

    private static void checkForm(DeleteProto delete) {
        if (delete.getReason().getBytes(StandardCharsets.UTF_8).length > Operation.Delete.MAX_REASON_BYTES) {
            throw new IllegalArgumentException("The reason is too long");
        }
        check(delete.hasIfLsn(), delete.getIfLsn());
    }

    private static void check(boolean present, PositionProto position) {
        if (present) {
            ManifestCodec.lsn(position);
        }
    }

    /** How many operations the entry has. */
    static int operations(ProposalProto proposal) {
        int operations = 0;
        for (BatchProto batch : proposal.getBatchesList()) {
            operations += batch.getOperationsCount();
        }
        return operations;
    }

    /** What is invalid whatever the manifest holds, or null. */
    static @Nullable String firstInvalid(ProposalProto proposal) {
        if (operations(proposal) > Proposals.MAX_OPERATIONS) {
            return operations(proposal) + " operations, the limit is " + Proposals.MAX_OPERATIONS;
        }
        Origins origins = new Origins();
        for (BatchProto batch : proposal.getBatchesList()) {
            for (OperationProto operation : batch.getOperationsList()) {
                try {
                    check(operation, origins);
                } catch (IllegalArgumentException e) {
                    return e.getMessage();
                }
            }
        }
        return null;
    }

    private static void check(OperationProto operation, Origins origins) {
        switch (operation.getCommandCase()) {
            case REGISTER -> check(operation.getRegister(), false, origins);
            case UPDATE -> check(operation.getUpdate(), true, origins);
            case DELETE -> {
                checkForm(operation.getDelete());
                FilePath unused = ManifestCodec.path(operation.getDelete().getPath());
            }
            default -> throw new IllegalArgumentException("an operation has no command");
        }
    }

    private static void check(WriteProto write, boolean update, Origins origins) {
        checkForm(write, update);
        Operation.Content unused = ManifestCodec.content(write, origins);
    }
}
