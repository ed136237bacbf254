package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProcessTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private RunDirectory run;
    private NodeProcess node;

    @BeforeEach
    void start(@TempDir Path work) throws Exception {
        run = RunDirectory.create(work);
        node = start(FakeNode.Healthy.class);
    }

    private NodeProcess start(Class<?> main) throws DemoFailure {
        return NodeProcess.start(
                "node 1",
                main,
                run.root().resolve("node-1"),
                run.root().resolve("logs").resolve("n1.log"),
                run);
    }

    @AfterEach
    void end() throws IOException {
        run.close();
        assertThat(node.isAlive()).isFalse();
        assertThat(run.root()).doesNotExist();
    }

    @Test
    void answersARefusalInOneSentence() {
        assertThatThrownBy(() -> node.call(Verb.QUERY, Fields.NONE, TIMEOUT))
                .isInstanceOf(DemoFailure.class)
                .hasMessage("node 1: The node has not been started");
    }

    @Test
    void endsAfterStop() throws Exception {
        node.call(Verb.STOP, Fields.NONE, TIMEOUT);

        assertThat(node.awaitExit(TIMEOUT)).isZero();
    }

    @Test
    void aKilledProcessFailsWhatItWasAskedFor() throws Exception {
        node.kill();
        CompletableFuture<Fields> asked = node.ask(Verb.STATUS, Fields.NONE);

        assertThat(node.awaitExit(TIMEOUT)).isEqualTo(128 + 9);
        assertThatThrownBy(() -> node.await(asked, Verb.STATUS, TIMEOUT))
                .isInstanceOf(DemoFailure.class)
                .hasMessageStartingWith("node 1 ");
    }

    @Test
    void endsWhenItsParentIsGone() throws Exception {
        Process child = run.start(new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FakeNode.Healthy.class.getName()));
        child.getOutputStream().close();

        assertThat(child.waitFor()).isEqualTo(3);
    }

    @Test
    void writesItsLogToAFile() throws Exception {
        assertThatThrownBy(() -> node.call(Verb.WRITE, Fields.NONE, TIMEOUT))
                .hasMessageContaining("'first' is missing");
        assertThat(node.lastLogLines()).anyMatch(line -> line.contains("NodeCommands"));
        assertThat(Files.size(run.root().resolve("logs").resolve("n1.log"))).isPositive();
    }
}
