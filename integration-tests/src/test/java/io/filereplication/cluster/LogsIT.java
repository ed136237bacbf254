package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.plugin.FileReplicationNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a cluster: a line for each change of state, none for single files, each with the name of its node. */
class LogsIT {
    /** As the simple logger writes a line; it looks up {@link System#err} each time. */
    private static final Pattern LINE =
            Pattern.compile("\\S+ \\[[^\\]]+] (DEBUG|INFO|WARN|ERROR) ([A-Za-z0-9_.]+) - (.*)");

    private static final int FILES = 200;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Map<String, byte[]> expected = new TreeMap<>();
    private PrintStream before;
    private TestCluster cluster;

    @BeforeEach
    void startAndListen() throws Exception {
        cluster = new TestCluster(directory, 3).start();
        for (int i = 1; i <= 3; i++) {
            cluster.awaitCaughtUp(i);
        }
        before = System.err;
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void close() {
        System.setErr(before);
        cluster.close();
    }

    @Test
    void twoHundredFilesAreNoNews() throws Exception {
        putMany("many");
        cluster.assertConverged(expected);

        // Snapshots are written now and then, and a busy machine may make a peer look lost for a moment.
        assertThat(lines())
                .hasSizeLessThanOrEqualTo(12)
                .allMatch(this::beginsWithANode)
                .noneMatch(line -> line.contains("many/"));
    }

    @Test
    void aPeerThatGoesAndComesBackIsAFewLinesHoweverManyFilesWait() throws Exception {
        cluster.stop(1);
        written.reset();
        cluster.start(1);
        cluster.stop(3);
        putMany("meanwhile");
        cluster.start(3);
        cluster.assertConverged(expected);

        // The settings are a server's, the rest is its group's.
        List<String> lines = lines().stream()
                .filter(line -> !line.matches("n[13]: file\\.replication\\..*"))
                .toList();
        assertThat(lines).hasSizeLessThan(60).allMatch(this::beginsWithANode);
        assertThat(lines)
                .anyMatch(line -> line.startsWith(member(3)) && line.contains("caught up"))
                .anyMatch(line -> line.startsWith(member(3)) && line.contains("missing here"));
    }

    private void putMany(String prefix) throws IOException {
        List<CompletableFuture<?>> puts = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            byte[] content = (prefix + i).getBytes(StandardCharsets.UTF_8);
            Path source = Files.write(directory.resolve(prefix + i), content);
            String path = prefix + "/" + i;
            expected.put(path, content);
            puts.add(cluster.node(1 + i % 2).files().putAsync(FilePath.of(path), source, Attributes.NONE));
        }
        puts.forEach(CompletableFuture::join);
    }

    private boolean beginsWithANode(String line) {
        return Stream.of(1, 2, 3).anyMatch(number -> line.startsWith(member(number) + ": "));
    }

    private String member(int number) {
        return "n" + number + "@" + cluster.group().getGroupId();
    }

    /** What our classes wrote at INFO and above. */
    private List<String> lines() throws Exception {
        Set<String> own = ownClasses();
        List<String> lines = new ArrayList<>();
        for (String line : written.toString(StandardCharsets.UTF_8).lines().toList()) {
            Matcher found = LINE.matcher(line);
            if (found.matches() && !found.group(1).equals("DEBUG") && own.contains(found.group(2))) {
                lines.add(found.group(3));
            }
        }
        return lines;
    }

    /** Simple names, as loggers are shown by. */
    private static Set<String> ownClasses() throws Exception {
        Set<String> names = classesBeside(FileReplicationNode.class);
        names.addAll(classesBeside(FilePath.class));
        return names;
    }

    private static Set<String> classesBeside(Class<?> type) throws Exception {
        URI place = type.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path root = Path.of(place);
        if (Files.isDirectory(root)) {
            return classesBelow(root);
        }
        try (FileSystem jar = FileSystems.newFileSystem(root)) {
            return classesBelow(jar.getPath("/"));
        }
    }

    private static Set<String> classesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .collect(Collectors.toSet());
        }
    }
}
