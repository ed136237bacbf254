package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the figures were taken on. */
record Machine(int cpus, String model, long memoryBytes, String jdk) {
    /** This machine, as far as Linux tells; elsewhere model and memory stay unknown. */
    static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                valueOf("/proc/cpuinfo", "model name", System.getProperty("os.arch", "unknown")),
                kibibytes(valueOf("/proc/meminfo", "MemTotal", "0 kB")) * 1024,
                System.getProperty("java.vm.name") + " " + Runtime.version());
    }

    private static String valueOf(String file, String key, String otherwise) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            return otherwise;
        }
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).trim().equals(key)) {
                return line.substring(colon + 1).trim();
            }
        }
        return otherwise;
    }

    private static long kibibytes(String amount) {
        return Long.parseLong(amount.replace("kB", "").trim());
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d x %s, %.1f GiB, %s", cpus, model, memoryBytes / (double) (1L << 30), jdk);
    }
}
