package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.Lsn;
import org.junit.jupiter.api.Test;

/** How many workers are called; that happens on the apply thread. */
class WorkforceTest {
    private static final int WORKERS = 4;

    private final WorkQueue queue = new WorkQueue(WORKERS);
    private final Workforce workforce = new Workforce(queue, WORKERS);
    private int paths;

    private void waits(int sizeBytes) {
        FilePath path = FilePath.of("f" + paths++);
        queue.addLast(
                new Pull(FakeManifest.entry(path, new byte[sizeBytes], A, new Lsn(paths, 0)), Occasion.ANNOUNCED, 0));
    }

    @Test
    void nobodyIsCalledWhileSomebodyIsOnTheWay() {
        waits(1);
        assertThat(workforce.call()).isTrue();
        waits(1);
        assertThat(workforce.call()).isFalse();

        workforce.arrived();
        assertThat(workforce.call()).isTrue();
    }

    @Test
    void nobodyIsCalledWhenThereIsNothingLeft() {
        waits(1);
        assertThat(workforce.call()).isTrue();
        workforce.arrived();
        assertThat(workforce.take()).isInstanceOf(Work.Fetch.class);

        assertThat(workforce.call()).isFalse();
    }

    @Test
    void whoeverTakesSomeLeavesTheNextToOneMoreUpToTheBound() {
        for (int i = 0; i < 3 * WORKERS; i++) {
            waits((1 << 20) + 1);
        }
        int working = 0;
        while (workforce.call()) {
            workforce.arrived();
            assertThat(workforce.take()).isInstanceOf(Work.Fetch.class);
            working++;
        }
        assertThat(working).isEqualTo(WORKERS);
        waits(1);
        assertThat(workforce.call()).as("one for the other kind").isTrue();
        workforce.arrived();
        assertThat(workforce.take()).isInstanceOf(Work.Fetch.class);
        waits(1);
        assertThat(workforce.call()).isFalse();
    }
}
