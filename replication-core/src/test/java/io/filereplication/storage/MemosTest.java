package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.storage.LocalFiles.Memo;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is remembered over restarts: the last text that was durable, whatever crashes. */
class MemosTest {
    private static final String FIRST = "the first text";

    @Test
    void keepsTheLastTextOfEachOverARestart() throws StorageException {
        MemoryStorage storage = new MemoryStorage();
        Memos memos = Memos.open(storage);
        assertThat(memos.get(Memo.SCRUB)).isNull();
        memos.keep(Memo.SCRUB, FIRST);
        memos.keep(Memo.SCRUB, "the second text \u00e9");
        memos.keep(Memo.DISTRUST, "why");

        MemoryStorage killed = storage.kill();
        Memos next = Memos.open(killed);
        assertThat(next.get(Memo.SCRUB)).isEqualTo("the second text \u00e9");
        assertThat(next.get(Memo.DISTRUST)).isEqualTo("why");
        assertThat(killed.ownNames(Area.RECORDS))
                .containsExactlyInAnyOrder("memo-scrub-0000000000000002", "memo-distrust-0000000000000001");
    }

    @Test
    void isWrittenInTheseBytes() throws StorageException {
        MemoryStorage storage = new MemoryStorage();
        Memos.open(storage).keep(Memo.SCRUB, "17 begun");
        try (ReadHandle in = storage.openOwn(new OwnName(Area.RECORDS, "memo-scrub-0000000000000001"))) {
            assertThat(in).isNotNull();
            ByteBuffer bytes = ByteBuffer.allocate(12);
            assertThat(in.read(bytes, 0)).isEqualTo(12);
            assertThat(in.stamp().sizeBytes()).isEqualTo(12);
            assertThat(HexFormat.of().formatHex(bytes.array())).isEqualTo("8e52b2d4313720626567756e");
        }
    }

    @Test
    void afterACrashAtAnyStepOneOfTheTwoTextsIsThere() throws StorageException {
        for (int kind = 0; kind < 6; kind++) {
            boolean finished = false;
            for (long step = 1; !finished; step++) {
                MemoryStorage first = new MemoryStorage();
                Memos.open(first).keep(Memo.SCRUB, FIRST);
                MemoryStorage second = first.reopen();
                Memos memos = Memos.open(second);
                second.crashAtStep(step);
                try {
                    memos.keep(Memo.SCRUB, "second");
                    finished = true;
                } catch (SimulatedCrash e) {
                    finished = false;
                }
                MemoryStorage third = switch (kind) {
                    case 0 -> second.crash();
                    case 1 -> second.kill();
                    default -> second.crash(new SplittableRandom(1_000L * kind + step));
                };
                assertThat(Memos.open(third).get(Memo.SCRUB))
                        .as("crash of kind %d at step %d", kind, step)
                        .isIn(finished ? List.of("second") : List.of(FIRST, "second"));
                assertThat(finished && step < 4).isFalse();
            }
        }
    }

    @Test
    void refusesATextThatIsTooLong() throws StorageException {
        Memos memos = Memos.open(new MemoryStorage());
        assertThatThrownBy(() -> memos.keep(Memo.SCRUB, "x".repeat(8_193)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8193");
    }
}
