package io.filereplication.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.cli.control.ExitCode;
import io.filereplication.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

/** How results are written. */
class OutputTest {
    @Test
    void jsonEscapesWhatItMust() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a\"b", "\\ \n \u0001 \ud83d\ude00 \ud83d");
        map.put("list", Arrays.asList(1L, true, null, List.of(), Map.of()));

        assertThat(Json.text(map))
                .isEqualTo("{\"a\\\"b\":\"\\\\ \\u000a \\u0001 \ud83d\ude00 \\ud83d\",\"list\":[1,true,null,[],{}]}");
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        assertThat(new Table().row("A", "LONG", "x").row("wide", "b", "").lines())
                .containsExactly("A     LONG  x", "wide  b");
    }

    @Test
    void amountsAreReadAndWrittenAsPeopleDo() {
        assertThat(Amounts.size(0)).isEqualTo("0 B");
        assertThat(Amounts.size(1023)).isEqualTo("1023 B");
        assertThat(Amounts.size(1536)).isEqualTo("1.5 KiB");
        assertThat(Amounts.size(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
        assertThat(Amounts.millis(59_999)).isEqualTo("59s");
        assertThat(Amounts.millis(3_599_000)).isEqualTo("59m 59s");
        assertThat(Amounts.millis(7_260_000)).isEqualTo("2h 1m");
        assertThat(Amounts.duration("90")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Amounts.duration("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Amounts.duration("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Amounts.bytes("20MB")).isEqualTo(20L << 20);
        assertThatThrownBy(() -> Amounts.duration("soon")).isInstanceOf(TypeConversionException.class);
        assertThatThrownBy(() -> Amounts.duration("-1s")).isInstanceOf(TypeConversionException.class);
        assertThatThrownBy(() -> Amounts.bytes("much")).isInstanceOf(TypeConversionException.class);
    }

    @Test
    void whereNobodyLooksOnALineNowAndThenIsEnough() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        AtomicLong now = new AtomicLong();
        LineProgress progress = new LineProgress(new PrintStream(err, true, StandardCharsets.UTF_8), now::get);

        progress.show("putting", 1, 2048, true);
        now.addAndGet(Duration.ofSeconds(5).toNanos());
        progress.show("putting", 1024, 2048, true);
        progress.show("putting", 2048, 2048, true);
        now.addAndGet(Duration.ofSeconds(5).toNanos());
        progress.show("pulling", 3, 0, false);

        assertThat(err).hasToString("putting: 1.0 KiB of 2.0 KiB\npulling: 3\n");
    }

    @Test
    void theDocumentHasEveryExitCodeAsTheHelpHasIt() throws Exception {
        String document = Files.readString(Path.of("../docs/cli.md"));
        String table = document.substring(
                document.indexOf("<!-- begin exit-codes -->"), document.indexOf("<!-- end exit-codes -->"));

        assertThat(table.lines().filter(line -> line.matches("\\| \\d.*")))
                .containsExactlyElementsOf(Arrays.stream(ExitCode.values())
                        .map(code -> "| " + code.number() + " | " + code.meaning() + " |")
                        .toList());
    }

    @Test
    void onATerminalABarMoves() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BarProgress progress = new BarProgress(new PrintStream(err, true, StandardCharsets.UTF_8))) {
            progress.show("putting", 1 << 20, 4 << 20, true);
            progress.show("putting", 4 << 20, 4 << 20, true);
            progress.show("copies", 1, 3, false);
        }

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("putting 100%", "4/4", "copies", "1/3");
    }
}
