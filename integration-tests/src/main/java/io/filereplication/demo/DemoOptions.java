package io.filereplication.demo;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the demo was asked to run.
 *
 * @param files the user's own directory, or null for generated measurements
 * @param work where the temporary directory of the run is made
 * @param progress how progress is shown
 */
record DemoOptions(@Nullable Path files, Path work, Progress progress) {
    /** The options in words. */
    static final String USAGE = """
            Options: --files DIR      replicate the files of DIR instead of generated ones
                     --work DIR       make the temporary directory of the run in DIR
                     --progress KIND  auto (a live display on a terminal), live or plain""";

    /** How progress is shown. */
    enum Progress {
        /** Live when there is a terminal. */
        AUTO,
        LIVE,
        PLAIN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads the command line; says in one sentence what is wrong with it. */
    static DemoOptions parse(List<String> arguments) throws DemoFailure {
        Path files = null;
        Path work = Path.of(System.getProperty("java.io.tmpdir"));
        Progress progress = Progress.AUTO;
        for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
            String option = rest.next();
            switch (option) {
                case "--files" -> files = Path.of(value(option, rest));
                case "--work" -> work = Path.of(value(option, rest));
                case "--progress" -> progress = progress(value(option, rest));
                default -> throw new DemoFailure("'" + option + "' is not an option");
            }
        }
        return new DemoOptions(files, work, progress);
    }

    private static String value(String option, Iterator<String> rest) throws DemoFailure {
        if (!rest.hasNext()) {
            throw new DemoFailure("'" + option + "' needs a value");
        }
        return rest.next();
    }

    private static Progress progress(String word) throws DemoFailure {
        for (Progress progress : Progress.values()) {
            if (progress.word().equals(word)) {
                return progress;
            }
        }
        throw new DemoFailure("'" + word + "' is no kind of progress, there are "
                + Arrays.stream(Progress.values()).map(Progress::word).collect(Collectors.joining(", ")));
    }
}
