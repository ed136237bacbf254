package io.filereplication.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random logs against a plain sorted map that knows nothing of plans, cuts and codecs. Two nodes apply the same log; one of
 * them goes through snapshots, reloads, replays and installs on the way, and both must be what the model is.
 */
class ManifestModelTest {
    private static final int SEEDS = 2_000;
    private static final String[] PATHS = {
        "a", "a/b", "a/b/c", "a-b", "a/c", "b", "b/x", "b/y", "c", "d/e/f", "d/e", "d"
    };
    private static final int REMEMBERED = 12;
    private static final Sha256[] TEXT_DIGESTS = {
        Sha256.OF_EMPTY,
        Sha256.of(Sha256.newDigest().digest(new byte[1])),
        Sha256.of(Sha256.newDigest().digest(new byte[2]))
    };

    @Test
    void isWhatAPlainMapWouldBeForEverySeed() throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** Knows the manifest only by what its listeners hear, and has to know all of it. */
    private static final class Follower implements ManifestListener {
        private final Map<FilePath, Lsn> versions = new TreeMap<>();

        Follower(Manifest manifest) {
            ManifestFixture.all(manifest).forEach(this::registered);
            manifest.addListener(this);
        }

        @Override
        public void registered(FileEntry entry) {
            versions.put(entry.path(), entry.contentLsn());
        }

        @Override
        public void deleted(FileEntry removed, Lsn at) {
            versions.remove(removed.path());
        }

        @Override
        public void replaced(ManifestDifference difference) {
            for (ManifestDifference.Change change : difference) {
                if (change instanceof ManifestDifference.Appeared appeared) {
                    registered(appeared.entry());
                } else if (change instanceof ManifestDifference.Changed changed) {
                    registered(changed.after());
                } else {
                    versions.remove(change.path());
                }
            }
        }
    }

    /** One log. */
    private static final class Run {
        private final Random random;
        private final TreeMap<String, FileEntry> model = new TreeMap<>();
        private final Manifest straight = new Manifest(ManifestFixture.GROUP, 1, REMEMBERED);
        private Manifest crooked = new Manifest(ManifestFixture.GROUP, 1, REMEMBERED);
        private final List<ByteString> log = new ArrayList<>();
        private final List<Proposals.Batch> proposed = new ArrayList<>();
        private final Map<OperationId, List<OperationResult>> answers = new HashMap<>();
        private Follower follower = new Follower(crooked);
        private @Nullable ManifestSnapshot writing;
        private byte @Nullable [] snapshot;

        Run(long seed) {
            random = new Random(seed);
        }

        void run() throws Exception {
            int length = 20 + random.nextInt(30);
            for (int index = 0; index < length; index++) {
                step(index);
                disturb();
            }
            if (writing != null) {
                writing.close();
            }
            checkState(straight);
            checkState(crooked);
            assertThat(ManifestFixture.snapshotOf(straight)).isEqualTo(ManifestFixture.snapshotOf(crooked));
        }

        private void step(int index) throws Exception {
            if (random.nextInt(10) == 0) {
                log.add(ByteString.EMPTY);
                straight.advanceTo(index);
                crooked.advanceTo(index);
                return;
            }
            List<Proposals.Batch> batches = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                batches.add(nextBatch(index));
            }
            ByteString entry = Proposals.encode(batches);
            log.add(entry);
            List<BatchResult> results = replies(straight, index, entry, batches.size());
            same(replies(crooked, index, entry, batches.size()), results);
            int ordinal = 0;
            for (int i = 0; i < batches.size(); i++) {
                check(batches.get(i), results.get(i), index, ordinal);
                ordinal += batches.get(i).operations().size();
            }
        }

        private static List<BatchResult> replies(Manifest manifest, int index, ByteString entry, int batches) {
            ApplyOutcome outcome = manifest.apply(index, entry);
            assertThat(outcome).isInstanceOf(ApplyOutcome.Applied.class);
            return Proposals.decodeReply(((ApplyOutcome.Applied) outcome).reply(), batches);
        }

        private Proposals.Batch nextBatch(int index) {
            if (!proposed.isEmpty() && random.nextInt(5) == 0) {
                return proposed.get(random.nextInt(proposed.size()));
            }
            List<Operation> operations = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                operations.add(nextOperation(index));
            }
            Proposals.Batch batch = new Proposals.Batch(new OperationId(index, proposed.size()), index - 1, operations);
            proposed.add(batch);
            return batch;
        }

        private Operation nextOperation(int index) {
            String path = PATHS[random.nextInt(PATHS.length)];
            FileEntry now = model.get(path);
            Lsn lsn = now != null && random.nextBoolean() ? now.lsn() : new Lsn(random.nextInt(index + 1), 0);
            byte[] text = new byte[random.nextInt(3)];
            Operation.Content content = new Operation.Content(
                    FilePath.of(path),
                    TEXT_DIGESTS[text.length],
                    text.length,
                    NodeId.of("n" + random.nextInt(2)),
                    Instant.ofEpochMilli(index),
                    random.nextBoolean() ? Attributes.NONE : Attributes.of(Map.of("k", "v" + random.nextInt(2))));
            return switch (random.nextInt(7)) {
                case 0 -> Operation.registerIfAbsent(content);
                case 1 -> Operation.update(content);
                case 2 -> Operation.updateIf(content, lsn);
                case 3 -> Operation.delete(FilePath.of(path), "model");
                case 4 -> Operation.deleteIf(FilePath.of(path), "model", lsn);
                default -> Operation.register(content);
            };
        }

        /** The model's own idea of a batch: on a copy of the whole map. */
        private void check(Proposals.Batch batch, BatchResult result, int index, int firstOrdinal) {
            List<OperationResult> first = answers.get(batch.id());
            if (first != null) {
                if (result.verdict() != BatchResult.Verdict.EXPIRED) {
                    assertThat(result.operations()).isEqualTo(first);
                }
                return;
            }
            if (result.verdict() == BatchResult.Verdict.EXPIRED) {
                assertThat(proposed.indexOf(batch)).isGreaterThanOrEqualTo(0);
                return;
            }
            TreeMap<String, FileEntry> trial = new TreeMap<>(model);
            List<String> named = new ArrayList<>();
            boolean all = true;
            int ordinal = firstOrdinal;
            for (Operation operation : batch.operations()) {
                boolean fresh = !named.contains(operation.path().value());
                named.add(operation.path().value());
                all &= fresh && accepts(trial, operation, new Lsn(index, ordinal));
                ordinal++;
            }
            assertThat(result.verdict()).isEqualTo(all ? BatchResult.Verdict.APPLIED : BatchResult.Verdict.REFUSED);
            if (all) {
                model.clear();
                model.putAll(trial);
            }
            answers.put(batch.id(), result.operations());
        }

        private static boolean accepts(Map<String, FileEntry> trial, Operation operation, Lsn at) {
            String path = operation.path().value();
            FileEntry now = trial.get(path);
            if (operation instanceof Operation.Delete delete) {
                boolean allowed =
                        delete.ifLsn() == null || (now != null && now.lsn().equals(delete.ifLsn()));
                if (allowed) {
                    trial.remove(path);
                }
                return allowed;
            }
            Operation.Content content;
            if (operation instanceof Operation.Register register) {
                content = register.content();
                if (register.onlyIfAbsent() && now != null) {
                    return false;
                }
            } else {
                Operation.Update update = (Operation.Update) operation;
                content = update.content();
                if (now == null || (update.ifLsn() != null && !now.lsn().equals(update.ifLsn()))) {
                    return false;
                }
            }
            for (String other : trial.keySet()) {
                if (other.startsWith(path + "/") || path.startsWith(other + "/")) {
                    return false;
                }
            }
            trial.put(path, merged(now, content, at));
            return true;
        }

        private static FileEntry merged(@Nullable FileEntry now, Operation.Content content, Lsn at) {
            boolean same = now != null && now.hasContent(content.sha256(), content.sizeBytes());
            if (same && now.attributes().equals(content.attributes())) {
                return now;
            }
            return new FileEntry(
                    content.path(),
                    content.sha256(),
                    content.sizeBytes(),
                    same ? now.originNodeId() : content.origin(),
                    same ? now.createdAt() : content.createdAt(),
                    content.attributes(),
                    same ? now.contentLsn() : at,
                    at);
        }

        /** Snapshots begun and ended at any time, reloads into a new process, and an install over what is there. */
        private void disturb() throws Exception {
            switch (random.nextInt(7)) {
                case 0 -> {
                    if (writing == null) {
                        writing = crooked.beginSnapshot();
                    }
                }
                case 1 -> {
                    if (writing != null) {
                        ByteArrayOutputStream out = new ByteArrayOutputStream();
                        writing.writeTo(out);
                        writing.close();
                        snapshot = out.toByteArray();
                        writing = null;
                    }
                }
                case 2 -> restart(new Manifest(ManifestFixture.GROUP, 1, REMEMBERED), snapshot);
                case 3 -> restart(crooked, ManifestFixture.snapshotOf(straight));
                case 4 -> {
                    if (snapshot != null) {
                        // Back in time and forward again.
                        restart(crooked, snapshot);
                    }
                }
                default -> checkState(crooked);
            }
        }

        private void restart(Manifest into, byte @Nullable [] from) throws Exception {
            writing = null;
            boolean other = into != crooked;
            crooked = into;
            if (from != null) {
                crooked.loadSnapshot(new ByteArrayInputStream(from));
            }
            if (other) {
                follower = new Follower(crooked);
            }
            for (int index = (int) crooked.appliedIndex() + 1; index < log.size(); index++) {
                if (log.get(index).isEmpty()) {
                    crooked.advanceTo(index);
                } else {
                    assertThat(crooked.apply(index, log.get(index))).isInstanceOf(ApplyOutcome.Applied.class);
                }
            }
        }

        private void checkState(Manifest manifest) {
            List<FileEntry> expected = new ArrayList<>(model.values());
            expected.sort((one, other) -> java.util.Arrays.compareUnsigned(
                    one.path().value().getBytes(StandardCharsets.UTF_8),
                    other.path().value().getBytes(StandardCharsets.UTF_8)));
            same(ManifestFixture.all(manifest), expected);
            same(manifest.count(), (long) expected.size());
            same(
                    manifest.bytes(),
                    expected.stream().mapToLong(FileEntry::sizeBytes).sum());
            same(manifest.appliedIndex(), log.size() - 1L);
            if (manifest == crooked) {
                Map<FilePath, Lsn> versions = new TreeMap<>();
                expected.forEach(entry -> versions.put(entry.path(), entry.contentLsn()));
                same(follower.versions, versions);
            }
        }

        /** An assertion object for every comparison would take longer than the comparisons. */
        private static void same(Object actual, Object expected) {
            if (!actual.equals(expected)) {
                assertThat(actual).isEqualTo(expected);
            }
        }
    }
}
