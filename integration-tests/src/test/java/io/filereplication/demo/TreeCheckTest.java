package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCheckTest {
    private static final FilePath A = FilePath.of("a/1");
    private static final FilePath B = FilePath.of("b");

    @TempDir
    private Path run;

    private Path storage;
    private ReplicatedNode node;

    @BeforeEach
    void putTwoFiles() throws Exception {
        storage = run.resolve("storage");
        PeerAddress self = new PeerAddress("n1", 1, 2);
        node = FakeNode.start(
                new NodeSettings(
                        self,
                        List.of(self),
                        storage,
                        run.resolve("raft"),
                        run.resolve("ingest"),
                        run.resolve("secret"),
                        "g"),
                FakeNode.Fault.NONE);
        node.putAsync(A, Files.writeString(run.resolve("source"), "first"), Attributes.NONE)
                .get();
        node.putAsync(B, Files.writeString(run.resolve("source"), "second"), Attributes.NONE)
                .get();
    }

    private TreeReport check() throws IOException {
        return TreeCheck.of(storage, node.manifest());
    }

    @Test
    void countsEqualFiles() throws IOException {
        TreeReport report = check();

        assertThat(report.files()).isEqualTo(2);
        assertThat(report.bytes()).isEqualTo(11);
        assertThat(report.findings()).isEmpty();
        assertThat(report.digest()).isEqualTo(TreeCheck.digestOf(storage, List.of(A, B)));
    }

    @Test
    void noticesAChangeOfEqualSize() throws IOException {
        String before = check().digest();
        Files.writeString(storage.resolve("b"), "sEcond");

        assertThat(check().different()).isEqualTo(1);
        assertThat(check().files()).isEqualTo(1);
        assertThat(check().digest()).isNotEqualTo(before);
        assertThat(check().findings()).singleElement().asString().startsWith("b has 6 bytes with SHA-256 ");
    }

    @Test
    void noticesWhatIsAbsentAndWhatIsUnknown() throws IOException {
        Files.move(storage.resolve("b"), storage.resolve("c:d"));
        Files.createDirectories(storage.resolve(".filereplication"));
        Files.writeString(storage.resolve(".filereplication").resolve("own"), "x");

        assertThat(check().absent()).isEqualTo(1);
        assertThat(check().unknown()).isEqualTo(1);
        assertThat(check().findings())
                .containsExactly("b is registered and not on the disk", "c:d is on the disk and not registered");
    }

    @Test
    void aDiskThatIsNotThereLacksEverything() throws IOException {
        assertThat(TreeCheck.of(run.resolve("nowhere"), node.manifest()).absent())
                .isEqualTo(2);
    }
}
