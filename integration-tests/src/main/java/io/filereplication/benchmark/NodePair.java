package io.filereplication.benchmark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two nodes of one group, each in a process of its own: the leader, where files are put, and the one that pulls them. */
final class NodePair implements AutoCloseable {
    private static final long LEADER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final List<String> OPTIONS =
            List.of("-Xmx1g", "-XX:MaxDirectMemorySize=1g", "-Dorg.slf4j.simpleLogger.log.io.filereplication=warn");

    private final Workspace workspace;
    private final List<Child> nodes = new ArrayList<>();
    private final int leader;

    private NodePair(Workspace workspace, List<Child> nodes, int leader) {
        this.workspace = workspace;
        this.nodes.addAll(nodes);
        this.leader = leader;
    }

    /** Starts both below {@code directory} and waits until one leads. */
    static NodePair start(Workspace workspace, Path directory) throws IOException, InterruptedException {
        Path secret = Files.createFile(
                directory.resolve("secret"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, "benchmark:" + "5a".repeat(32) + "\n");
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            peers.add("n" + i + "," + Workspace.freePort() + "," + Workspace.freePort());
        }
        List<Child> nodes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Path home = Files.createDirectories(directory.resolve("n" + i));
            List<String> arguments = new ArrayList<>(List.of(home.toString(), secret.toString(), Integer.toString(i)));
            arguments.addAll(peers);
            nodes.add(new Child(
                    home,
                    workspace.start(new ProcessBuilder(Workspace.java(OPTIONS, NodeMain.class, arguments))
                            .redirectError(home.resolve("log").toFile()))));
        }
        long until = System.nanoTime() + LEADER_PATIENCE_NANOS;
        while (System.nanoTime() < until) {
            for (int i = 0; i < nodes.size(); i++) {
                if (nodes.get(i).ask("leader").equals("true")) {
                    return new NodePair(workspace, nodes, i);
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("The group has no leader");
    }

    /** Where the leader's files are. */
    Path leaderFiles() {
        return nodes.get(leader).home.resolve("files");
    }

    /** Puts files on the leader, path and source in turn; when this returns they are registered and published there. */
    void put(List<String> pathsAndSources) throws IOException {
        String answer = nodes.get(leader).ask("put " + String.join(" ", pathsAndSources));
        if (!answer.equals("ok")) {
            throw new IOException("A put was answered " + answer);
        }
    }

    /**
     * When a node's manifest had the first registration since this was asked last: the leader's, unless the lead has changed
     * meanwhile.
     */
    long registeredNanos() throws IOException {
        long first = Long.MAX_VALUE;
        for (Child node : nodes) {
            first = Math.min(first, Long.parseLong(node.ask("registered")));
        }
        return first;
    }

    /** When so many files had been published at the other node. */
    long publishedNanos(int count) throws IOException {
        return Long.parseLong(nodes.get(1 - leader).ask("published " + count));
    }

    /** Most direct memory of the node that pulls since this was asked last. */
    long peakDirectBytes() throws IOException {
        return Long.parseLong(nodes.get(1 - leader).ask("direct"));
    }

    @Override
    public void close() throws InterruptedException {
        for (Child node : nodes) {
            workspace.end(node.process);
        }
    }

    private static final class Child {
        private final Path home;
        private final Process process;
        private final BufferedWriter questions;
        private final BufferedReader answers;

        Child(Path home, Process process) {
            this.home = home;
            this.process = process;
            this.questions = process.outputWriter(StandardCharsets.UTF_8);
            this.answers = process.inputReader(StandardCharsets.UTF_8);
        }

        String ask(String question) throws IOException {
            questions.write(question + "\n");
            questions.flush();
            String answer = answers.readLine();
            if (answer == null || answer.startsWith("failed")) {
                throw new IOException("'" + question + "' was answered " + answer + "; log: "
                        + Files.readString(home.resolve("log")));
            }
            return answer;
        }
    }
}
