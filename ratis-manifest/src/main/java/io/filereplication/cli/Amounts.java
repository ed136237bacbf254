package io.filereplication.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.util.SizeInBytes;
import picocli.CommandLine.TypeConversionException;

/** Sizes and durations as people write and read them. */
final class Amounts {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final String PREFIXES = "KMGTPE";
    private static final int STEP = 1024;

    private Amounts() {}

    /** {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 1d}; a number alone is seconds. */
    static Duration duration(String text) {
        Matcher parts = DURATION.matcher(text.strip());
        if (!parts.matches()) {
            throw new TypeConversionException("'" + text + "' is not a duration: write 500ms, 30s, 5m, 2h or 1d");
        }
        String unit = parts.group(2) == null ? "s" : parts.group(2);
        return UNITS.getOrDefault(unit, Duration.ZERO).multipliedBy(Long.parseLong(parts.group(1)));
    }

    /** {@code 20MB} as Ratis understands it. */
    static long bytes(String text) {
        try {
            return SizeInBytes.valueOf(text.strip()).getSize();
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is not a size: write 500KB, 20MB or 1GB");
        }
    }

    /** {@code 1.5 MiB}. */
    static String size(long bytes) {
        if (bytes < STEP) {
            return bytes + " B";
        }
        double amount = bytes;
        int prefix = -1;
        while (amount >= STEP && prefix < PREFIXES.length() - 1) {
            amount /= STEP;
            prefix++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", amount, PREFIXES.charAt(prefix));
    }

    static String millis(long millis) {
        long seconds = millis / 1000;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        if (hours > 0) {
            return hours + "h " + minutes % 60 + "m";
        }
        return minutes > 0 ? minutes + "m " + seconds % 60 + "s" : seconds + "s";
    }
}
