package io.filereplication.demo;

import java.util.Locale;

/** How the demo writes numbers. */
final class Amounts {
    private static final double MIB = 1 << 20;
    private static final double GIB = 1 << 30;
    private static final double MB = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private Amounts() {}

    /** In MiB, or in GiB from ten of them on. */
    static String size(long bytes) {
        return bytes < 10 * GIB
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / MIB)
                : String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / NANOS_PER_SECOND);
    }

    /** Megabytes (10^6) per second, or a dash when no time has passed. */
    static String megabytesPerSecond(long bytes, long nanos) {
        return nanos <= 0 ? "-" : String.format(Locale.ROOT, "%.1f", bytes / MB / (nanos / NANOS_PER_SECOND));
    }
}
