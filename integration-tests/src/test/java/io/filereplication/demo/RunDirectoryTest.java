package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    private Path work;

    @Test
    void onlyTheOwnerCanReadTheSecret() throws IOException {
        try (RunDirectory run = RunDirectory.create(work)) {
            Path secret = run.writeSecret(new SecureRandom());

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(secret).trim()).matches("demo:[0-9a-f]{64}");
        }
    }

    @Test
    void killsItsProcessesAndDeletesEverything() throws Exception {
        RunDirectory run = RunDirectory.create(work);
        Process process = run.start(
                new ProcessBuilder("sleep", "600").directory(run.root().toFile()));
        Files.createDirectories(run.root().resolve("a").resolve("b"));
        Files.writeString(run.root().resolve("a").resolve("b").resolve("file"), "x");

        run.close();
        run.close();

        assertThat(process.isAlive()).isFalse();
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void deletesALinkAndNotWhatItPointsTo() throws IOException {
        Path kept = Files.createDirectory(work.resolve("kept"));
        Path file = Files.writeString(kept.resolve("file"), "x");
        try (RunDirectory run = RunDirectory.create(work)) {
            Files.createSymbolicLink(run.root().resolve("link"), kept);
        }

        assertThat(file).exists();
    }

    @Test
    void startsNothingAfterTheEndHasBegun() throws IOException {
        RunDirectory run = RunDirectory.create(work);
        run.close();

        assertThatThrownBy(() -> run.start(new ProcessBuilder("sleep", "600"))).hasMessage("The demo is ending");
        assertThat(run.isClosingWithin(Duration.ZERO)).isTrue();
    }
}
