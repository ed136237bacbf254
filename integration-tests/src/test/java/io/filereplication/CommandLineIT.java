package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar of the command line as a user has it, in processes of its own, by what docs/cli.md says: a cluster by hand, files put and
 * fetched, a member killed and replaced, the secret rotated, nodes that end with 0.
 */
class CommandLineIT {
    @TempDir
    Path home;

    @Test
    void everyBlockOfTheDocumentRuns() throws Exception {
        List<Documents.Block> blocks =
                new ArrayList<>(Documents.blocks(Documents.root().resolve("docs/cli.md"), "sh"));
        assertThat(blocks.remove(0).text()).as("how the jar is made").isEqualTo("mvn -B -ntp -q -DskipTests package\n");
        try (ShellScript script = new ShellScript(home, "/tmp/cluster")) {
            blocks.forEach(script::add);

            script.run("bash");

            Path cluster = script.cluster();
            assertThat(cluster.resolve("n4/files/reports/2026/again.parquet"))
                    .hasSameBinaryContentAs(cluster.resolve("report.parquet"));
            assertThat(cluster.resolve("n4/files/notes/second.txt")).doesNotExist();
            for (String node : List.of("n1", "n2", "n4")) {
                assertThat(Files.readString(cluster.resolve(node + "/log"))).endsWith(node + " has stopped\n");
                assertThat(cluster.resolve(node + "/control.socket")).doesNotExist();
            }
        }
    }
}
