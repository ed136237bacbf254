package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.delete;
import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What arrives twice is done once, whatever happened in between. */
class ManifestRepetitionTest {
    private final ManifestFixture log = new ManifestFixture();

    /** Lesson 36. */
    @Test
    void aLateRepetitionDoesNotReviveADeletedFile() {
        Proposals.Batch first = new Proposals.Batch(log.newId(), -1, List.of(register("a", "one")));
        BatchResult answer = log.apply(first);
        log.apply(delete("a"));

        assertThat(log.apply(first)).isEqualTo(new BatchResult(answer.verdict(), 2, answer.operations()));
        assertThat(log.manifest.get(FilePath.of("a"))).isNull();
        assertThat(log.manifest.statistics().batchesRepeated()).isEqualTo(1);
    }

    /** Lesson 36, through a snapshot. */
    @Test
    void aNodeThatLoadedASnapshotRemembersTheSameAnswers() throws Exception {
        Proposals.Batch first = new Proposals.Batch(log.newId(), -1, List.of(register("a", "one")));
        Proposals.Batch refused = new Proposals.Batch(log.newId(), -1, List.of(register("a/b", "one"), delete("c")));
        List<OperationResult> answer = log.apply(first).operations();
        List<OperationResult> refusal = log.apply(refused).operations();
        log.apply(delete("a"));

        ManifestFixture other = new ManifestFixture(ManifestFixture.loaded(log.snapshot()));
        assertThat(other.apply(first).operations()).isEqualTo(answer);
        assertThat(other.apply(refused).operations()).isEqualTo(refusal);
        assertThat(other.manifest.count()).isZero();
    }

    /** Lesson 36, when so much came in between that the answer is forgotten: then nothing is done. */
    @Test
    void aRepetitionWhoseAnswerIsForgottenIsNotDoneAgain() {
        ManifestFixture small = new ManifestFixture(new Manifest(ManifestFixture.GROUP, 1, 3));
        Proposals.Batch first = new Proposals.Batch(small.newId(), -1, List.of(register("a", "one")));
        small.apply(first);
        small.apply(delete("a"));
        small.apply(register("b", "1"));
        assertThat(small.apply(first).verdict()).isEqualTo(BatchResult.Verdict.APPLIED);
        small.apply(register("c", "1"));

        assertThat(small.apply(first).verdict()).isEqualTo(BatchResult.Verdict.EXPIRED);
        assertThat(small.manifest.get(FilePath.of("a"))).isNull();
        assertThat(small.manifest.statistics().batchesExpired()).isEqualTo(1);
        // Whoever knows a later index is new.
        assertThat(small.apply(new Proposals.Batch(small.newId(), small.lastIndex(), List.of(register("a", "2"))))
                        .verdict())
                .isEqualTo(BatchResult.Verdict.APPLIED);
    }

    @Test
    void theLastHundredThousandOperationsAreRemembered() {
        Proposals.Batch first = new Proposals.Batch(log.newId(), -1, List.of(register("first", "1")));
        log.apply(first);
        Operation[] many = new Operation[1_000];
        for (int round = 0; round < 99; round++) {
            for (int i = 0; i < many.length; i++) {
                many[i] = delete("none-" + i);
            }
            log.apply(many);
        }
        Operation[] rest = new Operation[999];
        System.arraycopy(many, 0, rest, 0, rest.length);
        log.apply(rest);
        assertThat(log.apply(first).verdict()).isEqualTo(BatchResult.Verdict.APPLIED);
        log.apply(delete("one-more"));
        assertThat(log.apply(first).verdict()).isEqualTo(BatchResult.Verdict.EXPIRED);
    }

    @Test
    void anEntryThatWasAppliedBeforeChangesNothing() {
        ManifestFixture.Heard heard = new ManifestFixture.Heard();
        Proposals.Batch batch = new Proposals.Batch(log.newId(), -1, List.of(register("a", "one")));
        log.apply(batch);
        log.apply(delete("a"));
        log.manifest.addListener(heard);
        log.manifest.apply(0, Proposals.encode(List.of(batch)));
        assertThat(log.manifest.appliedIndex()).isEqualTo(1);
        assertThat(heard.events).isEmpty();
        assertThat(log.manifest.count()).isZero();
    }
}
