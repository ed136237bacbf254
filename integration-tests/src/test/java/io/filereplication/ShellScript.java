package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.cluster.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a user types at a shell, block after block, in a directory of the test's own: ports of the documents become free ones. It
 * ends at the first command that fails. Processes whose numbers are in files named {@code pid} are ended by {@link #close}.
 */
final class ShellScript implements AutoCloseable {
    /** 6 for a port, the number of the node, 0, and which of its ports. */
    private static final Pattern PORT = Pattern.compile("\\b6[1-9]0[1-9]\\b");

    /** For what hangs. How long it may take is the matter of whoever runs it. */
    private static final long PATIENCE_MINUTES = 20;

    private final Path home;
    private final String documented;
    private final Path cluster;
    private final Map<String, String> ports = new HashMap<>();
    private final StringBuilder script = new StringBuilder("set -euo pipefail\n");

    /** Where the document says {@code documented}, the script works in a directory below {@code home}. */
    ShellScript(Path home, String documented) {
        this.home = home;
        this.documented = documented;
        this.cluster = home.resolve("cluster");
    }

    /** The directory that the script works in. */
    Path cluster() {
        return cluster;
    }

    ShellScript add(Documents.Block block) {
        return add(block.toString(), block.text());
    }

    ShellScript add(String name, String commands) {
        script.append("echo '# ").append(name).append("'\n").append(commands);
        return this;
    }

    /** The text with this script's ports and directory instead of the document's. */
    String here(String text) {
        Matcher port = PORT.matcher(text);
        return port.replaceAll(
                        found -> ports.computeIfAbsent(found.group(), each -> Integer.toString(FreePorts.next())))
                .replace(documented, cluster.toString());
    }

    /** Runs it by {@code shell} from the project's root; what it said. Fails when it does. */
    String run(String... shell) throws IOException, InterruptedException {
        Path said = home.resolve("said");
        List<String> command = new ArrayList<>(List.of(shell));
        command.add(Files.writeString(home.resolve("script"), here(script.toString()))
                .toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Documents.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        // Processes that live for a second are not worth the second compiler, nor threads for collecting garbage.
        builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        Process process = builder.start();
        boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();

        String output = Files.readString(said);
        assertThat(ended).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file :
                    files.filter(f -> f.getFileName().toString().equals("pid")).toList()) {
                ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
