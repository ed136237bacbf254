package io.filereplication.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table at the end: what each step moved, how fast, and what went wrong on the way. */
final class ResultTable {
    private final List<Row> rows = new ArrayList<>();

    /**
     * What one step did.
     *
     * @param step as it is named
     * @param retries fetches that had to be repeated
     * @param mismatches bytes that were not those of the manifest
     */
    record Row(String step, long files, long bytes, long nanos, long retries, long mismatches) {}

    void add(Row row) {
        rows.add(row);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line("step", "files", "bytes", "seconds", "MB/s", "retries", "mismatches"));
        for (Row row : rows) {
            lines.add(line(
                    row.step(),
                    row.files(),
                    row.bytes(),
                    Amounts.seconds(row.nanos()),
                    Amounts.megabytesPerSecond(row.bytes(), row.nanos()),
                    row.retries(),
                    row.mismatches()));
        }
        return lines;
    }

    private static String line(Object... cells) {
        return String.format(Locale.ROOT, "%-34s %7s %12s %8s %8s %8s %10s", cells);
    }
}
