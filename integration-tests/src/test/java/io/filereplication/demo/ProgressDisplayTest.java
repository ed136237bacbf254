package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong nanoTime = new AtomicLong();

    private static NodeProgress node(int number, long here) {
        return new NodeProgress("node " + number, here, 10, here << 20, 10 << 20, 3 << 20, 10 - here);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void passes(long millis) {
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void plainLinesComeAtMostOnceASecondAndDoNotRepeat() {
        PlainProgress plain = new PlainProgress(out, nanoTime::get);
        plain.show(List.of(node(2, 1)));
        passes(999);
        plain.show(List.of(node(2, 2)));
        passes(1);
        plain.show(List.of(node(2, 3)));
        passes(5_000);
        plain.show(List.of(node(2, 3)));
        plain.show(List.of(node(2, 10)));

        assertThat(printed().lines())
                .containsExactly(
                        "  0.0 s  node 2: 1 of 10 files, 1.0 MiB, 3.0 MiB/s, 9 missing",
                        "  1.0 s  node 2: 3 of 10 files, 3.0 MiB, 3.0 MiB/s, 7 missing",
                        "  6.0 s  node 2: 10 files, 10.0 MiB, 3.0 MiB/s");
        assertThat(printed()).doesNotContain("\u001b");
    }

    @Test
    void theLiveBlockIsDrawnInItsPlaceAndSentencesScrollAboveIt() {
        LiveProgress live = new LiveProgress(out);
        live.show(List.of(node(1, 10), node(2, 5)));
        live.show(List.of(node(1, 10), node(2, 10)));
        live.say("done");
        live.show(List.of(node(1, 10)));

        String up2 = "\u001b[2A\r";
        assertThat(printed().split(Pattern.quote(up2), -1)).hasSize(3);
        assertThat(printed()).contains("[########........]").contains(up2 + "\u001b[Jdone\n");
    }

    @Test
    void aLiveLineFitsATerminal() {
        LiveProgress live = new LiveProgress(out);
        live.show(List.of(new NodeProgress("node 3", 100, 99_999, 1L << 39, 1L << 40, 1L << 30, 99_899)));

        assertThat(printed()
                        .replace("\u001b[K", "")
                        .replace("\u001b[J", "")
                        .replace("\r", "")
                        .strip())
                .hasSizeLessThan(80);
    }

    @Test
    void theRateIsThatOfTheLastTwoSeconds() {
        RateMeter rate = new RateMeter();

        assertThat(rate.sample(0, 0)).isNegative();
        assertThat(rate.sample(TimeUnit.SECONDS.toNanos(1), 100)).isEqualTo(100);
        assertThat(rate.sample(TimeUnit.SECONDS.toNanos(3), 100)).isZero();
        assertThat(rate.sample(TimeUnit.SECONDS.toNanos(4), 50)).isZero();
    }

    @Test
    void theTableHasEveryColumn() {
        ResultTable table = new ResultTable();
        table.add(new ResultTable.Row("pull", 3, 2_000_000, TimeUnit.SECONDS.toNanos(2), 4, 5));

        assertThat(table.lines()).hasSize(2);
        assertThat(table.lines().get(0))
                .containsSubsequence("files", "bytes", "seconds", "MB/s", "retries", "mismatches");
        assertThat(table.lines().get(1)).containsSubsequence("pull", "3", "2000000", "2.0", "1.0", "4", "5");
    }
}
