package io.filereplication.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed inputs of the fuzz targets, and small changes of them that are the same in every run. */
class CorpusTest {
    private static final int CHANGES_OF_EACH = 50;

    static Stream<String> targets() {
        return FuzzTargets.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void holdsForEveryKnownInputAndWhatIsNearIt(String name) throws Exception {
        FuzzTarget target = FuzzTargets.all().get(name);
        List<Path> corpus = files(corpus().resolve(name));
        assertThat(corpus).as("inputs of " + name).isNotEmpty();
        for (Path input : corpus) {
            byte[] bytes = Files.readAllBytes(input);
            run(target, input, bytes);
            Random random = new Random(input.getFileName().toString().hashCode());
            for (int i = 0; i < CHANGES_OF_EACH; i++) {
                run(target, input, changed(bytes, random));
            }
        }
    }

    /** A corpus without its target, after a renaming, would run no more. */
    @Test
    void everyCorpusHasItsTarget() throws Exception {
        Set<String> corpora = new TreeSet<>();
        files(corpus()).forEach(directory -> corpora.add(directory.getFileName().toString()));
        assertThat(corpora).isEqualTo(new TreeSet<>(FuzzTargets.all().keySet()));
    }

    private static void run(FuzzTarget target, Path input, byte[] bytes) {
        try {
            target.run(bytes);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(input + ", changed to " + Arrays.toString(bytes), e);
        }
    }

    private static byte[] changed(byte[] bytes, Random random) {
        byte[] changed = Arrays.copyOf(bytes, Math.max(1, bytes.length + random.nextInt(9) - 4));
        for (int i = random.nextInt(4); i >= 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        return changed;
    }

    private static Path corpus() throws URISyntaxException {
        URL root = CorpusTest.class.getResource("/fuzz");
        assertThat(root).isNotNull();
        return Path.of(root.toURI());
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
