package io.filereplication.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.Lsn;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The remembered answers against a plain map, and what a snapshot has of them while they go on. */
final class AnswersTest {
    private static final int LONGEST_BATCH = 40;

    /** What is remembered, as a map that forgets its eldest batches. */
    private static final class Model {
        private final int capacity;
        private final Map<OperationId, BatchResult> answers = new LinkedHashMap<>();
        private int operations;
        private long forgottenIndex = -1;

        Model(int capacity) {
            this.capacity = capacity;
        }

        void remember(OperationId id, BatchResult answer) {
            int count = answer.operations().size();
            if (count == 0 || count > capacity) {
                return;
            }
            while (operations + count > capacity) {
                OperationId eldest = answers.keySet().iterator().next();
                BatchResult forgotten = answers.remove(eldest);
                operations -= forgotten.operations().size();
                forgottenIndex = forgotten.logIndex();
            }
            answers.put(id, answer);
            operations += count;
        }
    }

    /** A frozen ring with what it has to show for ever. */
    private record Frozen(AnswerRing ring, Map<OperationId, BatchResult> expected, long forgottenIndex) {
        void check() throws IOException {
            Map<OperationId, BatchResult> found = new LinkedHashMap<>();
            ring.forEach(found::put);
            assertThat(List.copyOf(found.entrySet())).isEqualTo(List.copyOf(expected.entrySet()));
            assertThat(ring.forgottenIndex()).isEqualTo(forgottenIndex);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 255, 256, 257, 1_000})
    void areTheLastOnesAndAFrozenRingKeepsItsOwn(int capacity) throws Exception {
        Random random = new Random(capacity);
        Answers answers = new Answers(capacity);
        Model model = new Model(capacity);
        List<OperationId> ids = new ArrayList<>();
        Deque<Frozen> frozen = new ArrayDeque<>();
        for (int index = 0; index < 3_000; index++) {
            // Few different halves, so that ids meet in the table.
            OperationId id = new OperationId(random.nextInt(4), index);
            BatchResult answer = answer(random, index);
            answers.remember(id, answer);
            model.remember(id, answer);
            ids.add(id);
            if (index % 50 == 0) {
                frozen.add(new Frozen(answers.frozen(), new LinkedHashMap<>(model.answers), model.forgottenIndex));
            }
            if (frozen.size() > 5) {
                frozen.remove().check();
            }
            OperationId asked = ids.get(random.nextInt(ids.size()));
            assertThat(answers.find(asked)).isEqualTo(model.answers.get(asked));
            assertThat(answers.forgottenIndex()).isEqualTo(model.forgottenIndex);
        }
        for (OperationId id : ids) {
            assertThat(answers.find(id)).isEqualTo(model.answers.get(id));
        }
        for (Frozen one : frozen) {
            one.check();
        }
    }

    @Test
    void whatIsFrozenCannotBeWritten() {
        Answers answers = new Answers(10);
        answers.remember(new OperationId(1, 1), answer(new Random(1), 1));
        AnswerRing ring = answers.frozen();

        assertThatThrownBy(() -> ring.add(new OperationId(1, 2), answer(new Random(2), 2)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private static BatchResult answer(Random random, long logIndex) {
        List<OperationResult> operations = new ArrayList<>();
        for (int i = random.nextInt(10) == 0 ? random.nextInt(LONGEST_BATCH) : 1; i > 0; i--) {
            operations.add(new OperationResult(
                    OperationStatus.values()[random.nextInt(OperationStatus.values().length)],
                    random.nextBoolean() ? null : new Lsn(random.nextInt(1_000), random.nextInt(9)),
                    random.nextBoolean() ? null : new Lsn(random.nextInt(1_000), random.nextInt(9))));
        }
        return new BatchResult(
                random.nextInt(5) == 0 ? BatchResult.Verdict.REFUSED : BatchResult.Verdict.APPLIED,
                logIndex,
                operations);
    }
}
