package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTreeTest {
    @TempDir
    private Path directory;

    @Test
    void listsRegularFilesInPathOrderAndFollowsNoLinks(@TempDir Path elsewhere) throws Exception {
        Files.writeString(elsewhere.resolve("secret"), "x");
        Files.createDirectory(directory.resolve("b"));
        Files.writeString(directory.resolve("b").resolve("2"), "22");
        Files.writeString(directory.resolve("a"), "1");
        Files.createSymbolicLink(directory.resolve("link"), elsewhere);
        Files.createSymbolicLink(directory.resolve("file-link"), elsewhere.resolve("secret"));

        SourceTree tree = SourceTree.list(directory);

        assertThat(tree.paths()).containsExactly(FilePath.of("a"), FilePath.of("b/2"));
        assertThat(tree.bytes()).isEqualTo(3);
    }

    @Test
    void namesAPathThatCannotBeRegistered() throws IOException {
        Files.writeString(directory.resolve("a:b"), "x");

        assertThatThrownBy(() -> SourceTree.list(directory))
                .isInstanceOf(DemoFailure.class)
                .hasMessageContaining("cannot be replicated")
                .hasMessageContaining("a:b");
    }

    @Test
    void refusesADirectoryWithoutFiles() {
        assertThatThrownBy(() -> SourceTree.list(directory)).hasMessage("'" + directory + "' holds no files");
    }

    @Test
    void keepsATenthForTheSecondWriter() throws Exception {
        Files.writeString(directory.resolve("only"), "x");
        assertThat(new OwnFilesWorkload(SourceTree.list(directory)).later().files())
                .isZero();

        for (int i = 0; i < 29; i++) {
            Files.writeString(directory.resolve("file" + i), "x");
        }
        OwnFilesWorkload workload = new OwnFilesWorkload(SourceTree.list(directory));
        assertThat(workload.first().files()).isEqualTo(27);
        assertThat(workload.later().files()).isEqualTo(3);
    }
}
