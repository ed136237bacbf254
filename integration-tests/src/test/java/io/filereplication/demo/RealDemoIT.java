package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story with real processes, real Parquet files and real nodes: the demo that the README shows, with few files. */
class RealDemoIT {
    private static final Pattern INSTALLED = Pattern.compile("Node 3 installed a snapshot at index [1-9][0-9]* and");

    @Test
    void replicatesThroughAKilledOriginAndALostDisk(@TempDir Path work) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Demo demo = new Demo(new PrintStream(printed, true, StandardCharsets.UTF_8), System::nanoTime, DemoNode.class);

        int exitCode = demo.run(new GeneratedWorkload(12, 5), new DemoOptions(null, work, DemoOptions.Progress.PLAIN));

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("killed with SIGKILL: exit code 137")
                .containsPattern(INSTALLED)
                .contains("it applied nothing one by one at or below the snapshot's index")
                .contains("the disk of the killed node 1: 12 files")
                .contains("node 2: 17 files")
                .contains("node 3: 17 files")
                .contains("17 days")
                .doesNotContain("DIFFERENT")
                .contains("The demo ended well");
        assertThat(exitCode).isZero();
        assertThat(work).isEmptyDirectory();
    }
}
