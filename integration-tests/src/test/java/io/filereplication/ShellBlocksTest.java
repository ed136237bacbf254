package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A shell block stands only where a test runs it: two in README.md (see ReadmeTest), all of docs/cli.md (see CommandLineIT) and of
 * docs/operations.md (see OperationsIT). Those of docs/performance.md are benchmarks, which people run on quiet machines.
 */
class ShellBlocksTest {
    private static final int IN_README = 2;
    private static final Set<String> RUN_WHOLE = Set.of("cli.md", "operations.md", "performance.md");

    @Test
    void everyShellBlockIsRunByATest() throws Exception {
        List<String> untested = new ArrayList<>();
        for (Path document : Documents.all()) {
            String name = document.getFileName().toString();
            if (!RUN_WHOLE.contains(name)) {
                int tested = name.equals("README.md") ? IN_README : 0;
                Documents.blocks(document, "sh").stream().skip(tested).forEach(block -> untested.add(block.toString()));
            }
        }

        assertThat(untested).isEmpty();
    }
}
