package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.content;
import static io.filereplication.manifest.ManifestFixture.delete;
import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.NodeId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each command does to the manifest, and what its proposer and the listeners hear. */
class ManifestCommandsTest {
    private final ManifestFixture log = new ManifestFixture();
    private final ManifestFixture.Heard heard = new ManifestFixture.Heard();

    @BeforeEach
    void listen() {
        log.manifest.addListener(heard);
    }

    private FileEntry entry(String path) {
        FileEntry entry = log.manifest.get(FilePath.of(path));
        assertThat(entry).isNotNull();
        return entry;
    }

    @Test
    void registersANewPath() {
        BatchResult result = log.apply(register("db/a.parquet", "one"));

        assertThat(result.verdict()).isEqualTo(BatchResult.Verdict.APPLIED);
        assertThat(result.operations())
                .containsExactly(new OperationResult(OperationStatus.REGISTERED, new Lsn(0, 0), new Lsn(0, 0)));
        assertThat(entry("db/a.parquet").sizeBytes()).isEqualTo(3);
        assertThat(entry("db/a.parquet").originNodeId()).isEqualTo(NodeId.of("n1"));
        assertThat(log.manifest.count()).isEqualTo(1);
        assertThat(log.manifest.bytes()).isEqualTo(3);
        assertThat(heard.events).containsExactly("registered db/a.parquet@0.0");
    }

    @Test
    void replacesContentUnderANewVersion() {
        log.apply(register("a", "one"));
        assertThat(log.applyOne(register("a", "three"))).isEqualTo(OperationStatus.CONTENT_REPLACED);

        assertThat(entry("a").contentLsn()).isEqualTo(new Lsn(1, 0));
        assertThat(log.manifest.count()).isEqualTo(1);
        assertThat(log.manifest.bytes()).isEqualTo(5);
        assertThat(heard.events).containsExactly("registered a@0.0", "registered a@1.0");
    }

    /** Lesson 35: the version moves with the content and with nothing else. */
    @Test
    void attributesMoveTheLsnAndNotTheVersion() {
        log.apply(register("a", "one"));
        assertThat(log.applyOne(Operation.register(content("a", "one", Map.of("tier", "cold")))))
                .isEqualTo(OperationStatus.ATTRIBUTES_CHANGED);

        assertThat(entry("a").contentLsn()).isEqualTo(new Lsn(0, 0));
        assertThat(entry("a").lsn()).isEqualTo(new Lsn(1, 0));
        assertThat(entry("a").attributes().asMap()).containsEntry("tier", "cold");
        assertThat(heard.events).containsExactly("registered a@0.0");
    }

    /** Lesson 35: operations that share a log entry have versions of their own, also across its batches. */
    @Test
    void operationsOfOneLogEntryHaveDifferentVersions() {
        log.applyAll(List.of(
                new Proposals.Batch(log.newId(), -1, List.of(register("a", "1"), register("b", "2"))),
                new Proposals.Batch(log.newId(), -1, List.of(delete("b"))),
                new Proposals.Batch(log.newId(), -1, List.of(register("b", "2")))));

        assertThat(entry("a").contentLsn()).isEqualTo(new Lsn(0, 0));
        assertThat(entry("b").contentLsn()).isEqualTo(new Lsn(0, 3));
        assertThat(heard.events)
                .containsExactly("registered a@0.0", "registered b@0.1", "deleted b@0.1 at 0.2", "registered b@0.3");
    }

    @Test
    void registeringWhatIsThereChangesNothing() {
        log.apply(register("a", "one"));
        FileEntry before = entry("a");
        assertThat(log.applyOne(register("a", "one"))).isEqualTo(OperationStatus.UNCHANGED);
        assertThat(entry("a")).isSameAs(before);
        assertThat(heard.events).hasSize(1);
    }

    @Test
    void updatesOnlyWhatExists() {
        assertThat(log.applyOne(Operation.update(content("a", "one", Map.of()))))
                .isEqualTo(OperationStatus.ABSENT);
        log.apply(register("a", "one"));
        assertThat(log.applyOne(Operation.update(content("a", "two!", Map.of()))))
                .isEqualTo(OperationStatus.CONTENT_REPLACED);
        assertThat(log.manifest.bytes()).isEqualTo(4);
    }

    @Test
    void deletesAndDeletesAgain() {
        log.apply(register("a", "one"));
        assertThat(log.applyOne(delete("a"))).isEqualTo(OperationStatus.DELETED);
        assertThat(log.applyOne(delete("a"))).isEqualTo(OperationStatus.NOTHING_TO_DELETE);
        assertThat(log.manifest.count()).isZero();
        assertThat(log.manifest.bytes()).isZero();
        assertThat(heard.events).containsExactly("registered a@0.0", "deleted a@0.0 at 1.0");
    }

    @Test
    void aLostRaceIsATypedAnswerWithTheWinnersPosition() {
        log.apply(register("a", "one"));
        log.apply(register("a", "two"));
        OperationResult exists = log.apply(Operation.registerIfAbsent(content("a", "x", Map.of())))
                .operations()
                .get(0);
        OperationResult update = log.apply(Operation.updateIf(content("a", "x", Map.of()), new Lsn(0, 0)))
                .operations()
                .get(0);
        OperationResult delete = log.apply(Operation.deleteIf(FilePath.of("a"), "old", new Lsn(0, 0)))
                .operations()
                .get(0);

        assertThat(exists).isEqualTo(new OperationResult(OperationStatus.EXISTS, new Lsn(1, 0), new Lsn(1, 0)));
        assertThat(update.status()).isEqualTo(OperationStatus.LSN_MISMATCH);
        assertThat(delete.status()).isEqualTo(OperationStatus.LSN_MISMATCH);
        assertThat(log.applyOne(Operation.deleteIf(FilePath.of("b"), "old", new Lsn(0, 0))))
                .isEqualTo(OperationStatus.ABSENT);
        assertThat(log.applyOne(Operation.deleteIf(FilePath.of("a"), "old", new Lsn(1, 0))))
                .isEqualTo(OperationStatus.DELETED);
    }

    @Test
    void aBatchIsAllOrNothing() {
        log.apply(register("a", "one"));
        BatchResult result =
                log.apply(register("b", "two"), Operation.registerIfAbsent(content("a", "x", Map.of())), delete("a"));

        assertThat(result.verdict()).isEqualTo(BatchResult.Verdict.REFUSED);
        assertThat(result.operations())
                .extracting(OperationResult::status)
                .containsExactly(OperationStatus.BATCH_REFUSED, OperationStatus.EXISTS, OperationStatus.DUPLICATE_PATH);
        assertThat(log.manifest.count()).isEqualTo(1);
        assertThat(heard.events).hasSize(1);
    }

    /** Lesson 40. */
    @Test
    void aFileAndADirectoryOfTheSameNameConflict() {
        log.apply(register("a/b/c", "one"));
        log.apply(register("x", "one"));
        log.apply(register("a/b-c", "one"));

        assertThat(log.applyOne(register("a/b", "two"))).isEqualTo(OperationStatus.PATH_CONFLICT);
        assertThat(log.applyOne(register("a", "two"))).isEqualTo(OperationStatus.PATH_CONFLICT);
        assertThat(log.applyOne(register("x/y", "two"))).isEqualTo(OperationStatus.PATH_CONFLICT);
        assertThat(log.applyOne(register("x/y/z", "two"))).isEqualTo(OperationStatus.PATH_CONFLICT);
        assertThat(log.applyOne(register("a/b/c/d", "two"))).isEqualTo(OperationStatus.PATH_CONFLICT);
        assertThat(log.applyOne(register("x-y", "two"))).isEqualTo(OperationStatus.REGISTERED);
        assertThat(log.applyOne(register("a/b.c", "two"))).isEqualTo(OperationStatus.REGISTERED);
    }

    /** Lesson 40, within one batch. */
    @Test
    void aBatchSeesItsOwnConflicts() {
        assertThat(log.apply(register("a", "1"), register("a/b", "2")).verdict())
                .isEqualTo(BatchResult.Verdict.REFUSED);
        assertThat(log.apply(register("a/b", "1"), register("a", "2")).verdict())
                .isEqualTo(BatchResult.Verdict.REFUSED);
        log.apply(register("a", "1"));
        assertThat(log.apply(delete("a"), register("a/b", "2")).verdict()).isEqualTo(BatchResult.Verdict.APPLIED);
        assertThat(log.apply(delete("a/b"), register("a", "2")).verdict()).isEqualTo(BatchResult.Verdict.APPLIED);
        assertThat(log.manifest.count()).isEqualTo(1);
    }

    @Test
    void aFailingListenerIsCountedAndNotFelt() {
        log.manifest.addListener(new ManifestListener() {
            @Override
            public void registered(FileEntry entry) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void deleted(FileEntry removed, Lsn at) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void replaced(ManifestDifference difference) {}
        });
        ManifestFixture.Heard later = new ManifestFixture.Heard();
        log.manifest.addListener(later);

        assertThat(log.applyOne(register("a", "one"))).isEqualTo(OperationStatus.REGISTERED);
        assertThat(log.applyOne(delete("a"))).isEqualTo(OperationStatus.DELETED);
        assertThat(later.events).hasSize(2);
        assertThat(log.manifest.statistics().listenerFailures()).isEqualTo(2);
    }
}
