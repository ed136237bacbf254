package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A shell block stands only where a test runs it: two in README.md (see ReadmeTest), all of docs/cli.md (see CommandLineIT). */
class ShellBlocksTest {
    private static final int IN_README = 2;

    @Test
    void everyShellBlockIsRunByATest() throws Exception {
        List<String> untested = new ArrayList<>();
        for (Path document : Documents.all()) {
            String name = document.getFileName().toString();
            if (!name.equals("cli.md")) {
                int tested = name.equals("README.md") ? IN_README : 0;
                Documents.blocks(document, "sh").stream().skip(tested).forEach(block -> untested.add(block.toString()));
            }
        }

        assertThat(untested).isEmpty();
    }
}
