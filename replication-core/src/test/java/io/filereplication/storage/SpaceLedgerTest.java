package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.storage.StorageBackend.Space;
import org.junit.jupiter.api.Test;

final class SpaceLedgerTest {
    private static final long STEP = SpaceLedger.STEP_BYTES;

    private long free = 100 * STEP;
    private int asked;

    private final SpaceLedger ledger = new SpaceLedger(new ForwardingStorage(new MemoryStorage()) {
        @Override
        public Space space() {
            asked++;
            return new Space(free, 0);
        }
    });

    @Test
    void asksTheMediumOnceForManySmallFiles() throws Exception {
        for (int i = 0; i < 100; i++) {
            ledger.reserve(4_096).close();
        }

        assertThat(asked).isEqualTo(1);
    }

    @Test
    void whatSmallFilesMayTakeIsNotPromisedToOthers() throws Exception {
        ledger.reserve(4_096).close();
        free = 2 * STEP;
        ledger.reserve(4_096);

        // The step that was taken for small files is given up when a large one needs it.
        ledger.reserve(2 * STEP - 4_096);
        assertThatThrownBy(() -> ledger.reserve(STEP)).isInstanceOf(StorageFullException.class);
        assertThatThrownBy(() -> ledger.reserve(4_096)).isInstanceOf(StorageFullException.class);
    }

    @Test
    void aSmallFileIsTakenWhereAStepHasNoRoom() throws Exception {
        free = 5_000;

        ledger.reserve(4_096);
        assertThatThrownBy(() -> ledger.reserve(4_096)).isInstanceOf(StorageFullException.class);
    }
}
