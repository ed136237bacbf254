package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.storage.LocalFiles.Presence;
import org.junit.jupiter.api.Test;

/** A rename that was intended and never recorded as done. */
class IntentsTest {
    private static final byte[] CONTENT = bytes(100, 1);
    private static final FileEntry BELOW = entry("d/x", CONTENT, 1);
    private static final FilePath ABOVE = FilePath.of("d");

    @Test
    void aFileThatLiesOnTheWayToAnIntendedOneKeepsNobodyFromStarting() throws Exception {
        int inTheWay = 0;
        boolean finished = false;
        for (int step = 1; !finished; step++) {
            Fixture fixture = new Fixture();
            MemoryStorage storage = new MemoryStorage();
            LocalFiles files = fixture.open(storage);
            storage.crashAtStep(storage.steps().size() + (long) step);
            try {
                fixture.pull(files, BELOW, CONTENT);
                finished = true;
            } catch (SimulatedCrash e) {
                finished = false;
            }
            MemoryStorage found = storage.crash();
            if (found.published().isEmpty()) {
                found.placeForeign(ABOVE, CONTENT);
                inTheWay++;
                LocalFiles next = fixture.open(found);
                assertThat(next.records(BELOW.version())).as("step %d", step).isFalse();
                assertThat(next.presence(entry("d", CONTENT, 2))).isEqualTo(Presence.UNVERIFIED);
                next.close();
            }
        }
        assertThat(inTheWay).isGreaterThan(3);
    }
}
