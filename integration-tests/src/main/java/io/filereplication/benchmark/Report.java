package io.filereplication.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What one benchmark found: a table for people and a file for programs. Not thread-safe. */
final class Report {
    private final String benchmark;
    private final Instant date;
    private final Machine machine;
    private final List<Result> results = new ArrayList<>();
    private double foreignCpu;

    Report(String benchmark, Instant date, Machine machine) {
        this.benchmark = benchmark;
        this.date = date.truncatedTo(ChronoUnit.SECONDS);
        this.machine = machine;
    }

    void add(Result result) {
        results.add(result);
    }

    /** Adds runs of which the noisiest that counts left others this share of the machine. */
    void add(Result result, Runs<?> runs) {
        add(result);
        note(runs);
    }

    /** Adds one figure of each run in which it could be measured, if there is one. */
    <T> void addMeasured(String name, String unit, String goal, Runs<T> runs, ToDoubleFunction<T> figure) {
        List<Double> values =
                runs.each(figure).stream().filter(Double::isFinite).toList();
        if (!values.isEmpty()) {
            add(Result.of(name, unit, goal, values), runs);
        }
    }

    /** Remembers how noisy the machine was, whatever came of the runs. */
    void note(Runs<?> runs) {
        foreignCpu = Math.max(foreignCpu, runs.foreignCpu());
    }

    void print(PrintStream out) {
        out.printf(Locale.ROOT, "%n%s, %s, %s%n", benchmark, date, machine);
        out.printf(
                Locale.ROOT, "%-44s %14s %14s %14s %5s  %-7s %s%n", "", "median", "min", "max", "runs", "unit", "goal");
        for (Result result : results) {
            out.printf(
                    Locale.ROOT,
                    "%-44s %14s %14s %14s %5d  %-7s %s%n",
                    result.name(),
                    number(result.value()),
                    number(result.min()),
                    number(result.max()),
                    result.runs(),
                    result.unit(),
                    result.goal());
        }
        out.printf(Locale.ROOT, "foreign CPU: %.1f %%%s%n", 100 * foreignCpu, verdict());
    }

    private String verdict() {
        return foreignCpu > Runs.QUIET ? "; no quieter run was to be had, so these figures are no verdict" : "";
    }

    /** Writes the file for programs into {@code directory}, in place of an older one. */
    Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        return Files.writeString(directory.resolve(benchmark + ".json"), json());
    }

    private String json() {
        StringBuilder json = new StringBuilder("{\n")
                .append("  \"benchmark\": ")
                .append(quoted(benchmark))
                .append(",\n  \"date\": ")
                .append(quoted(date.toString()))
                .append(",\n  \"machine\": {\"cpus\": ")
                .append(machine.cpus())
                .append(", \"model\": ")
                .append(quoted(machine.model()))
                .append(", \"memory\": ")
                .append(machine.memoryBytes())
                .append(", \"jdk\": ")
                .append(quoted(machine.jdk()))
                .append("},\n  \"foreign_cpu\": ")
                .append(number(foreignCpu))
                .append(",\n  \"results\": [");
        String separator = "\n";
        for (Result result : results) {
            json.append(separator)
                    .append("    {\"name\": ")
                    .append(quoted(result.name()))
                    .append(", \"value\": ")
                    .append(number(result.value()))
                    .append(", \"unit\": ")
                    .append(quoted(result.unit()))
                    .append(", \"min\": ")
                    .append(number(result.min()))
                    .append(", \"max\": ")
                    .append(number(result.max()))
                    .append(", \"runs\": ")
                    .append(result.runs())
                    .append(", \"goal\": ")
                    .append(quoted(result.goal()))
                    .append('}');
            separator = ",\n";
        }
        return json.append("\n  ]\n}\n").toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 1_000 ? "%.3f" : "%.0f", value);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(' ');
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
