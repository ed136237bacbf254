package io.filereplication.demo;

import io.filereplication.FilePath;
import java.time.LocalDate;

/**
 * One day of the generated measurements, which is one Parquet file: a function of its number alone, so that every run
 * writes the same.
 *
 * @param number counted from 0
 */
record MeasurementDay(int number) {
    /** The day with {@value #LARGE_ROWS} rows, which makes a file of at least {@link #LARGE_FILE_BYTES}. */
    static final int LARGE_DAY = 100;
    /** What the large day's file has at least. */
    static final long LARGE_FILE_BYTES = 256L << 20;
    /** The rows of that day, at 58 bytes each in the file. */
    static final int LARGE_ROWS = 4_800_000;
    /** Everything that is generated lies below this directory. */
    static final String ROOT = "measurements";

    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
    private static final int FEWEST_ROWS = 64;
    private static final int DOUBLINGS = 10;

    MeasurementDay {
        if (number < 0) {
            throw new IllegalArgumentException("Day " + number + " is before the first");
        }
    }

    LocalDate date() {
        return FIRST.plusDays(number);
    }

    /** From {@value #FEWEST_ROWS} rows (5 KiB) up to 2^{@value #DOUBLINGS} times as many (3.8 MiB), and the one large day. */
    int rows() {
        return number == LARGE_DAY ? LARGE_ROWS : FEWEST_ROWS << (number * 7 % (DOUBLINGS + 1));
    }

    /** Partitioned by day, in the form that query engines read. */
    FilePath path() {
        return FilePath.of(ROOT + "/day=" + date() + "/part-0.parquet");
    }
}
