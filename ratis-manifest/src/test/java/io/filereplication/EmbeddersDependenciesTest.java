package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whoever depends on this module gets what the design names and nothing else. The build writes what that is; what it should
 * be is in {@code runtime-dependencies.txt}. Versions are the parent's.
 */
class EmbeddersDependenciesTest {
    private static final Pattern DEPENDENCY = Pattern.compile("^ +([^:]+:[^:]+):[^ ]+(.*)$");

    @Test
    void anEmbedderGetsNothingThatIsNotNamed() throws IOException {
        Path written = Path.of("target/runtime-dependencies.txt");
        // Maven has written it when it runs the tests; who runs one class by hand may not have asked Maven.
        assumeTrue(System.getProperty("basedir") != null || Files.exists(written));

        List<String> found;
        try (Stream<String> lines = Files.lines(written)) {
            found = lines.map(DEPENDENCY::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> !line.group(2).contains("(optional"))
                    .map(line -> line.group(1))
                    .sorted()
                    .toList();
        }

        assertThat(found).containsExactlyElementsOf(named());
    }

    private static List<String> named() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                EmbeddersDependenciesTest.class.getResourceAsStream("/runtime-dependencies.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
