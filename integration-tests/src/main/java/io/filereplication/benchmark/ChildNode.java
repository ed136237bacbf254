package io.filereplication.benchmark;

import io.filereplication.cluster.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node in a process of its own, seen from the benchmark: {@link NodeMain}'s commands as methods. Not thread-safe. */
final class ChildNode {
    static final List<String> OPTIONS = options();

    private final String peer;
    private final Path home;
    private final ChildProcess process;

    /**
     * Starts the node.
     *
     * @param home the node's directory, made here
     * @param peer {@code id,raft-port,stream-port}
     * @param founders the group's members in the same form; none when the node is to join later
     */
    ChildNode(Workspace workspace, Path home, Path secret, String peer, List<String> founders) throws IOException {
        this.peer = peer;
        this.home = Files.createDirectories(home);
        List<String> arguments = new ArrayList<>(List.of(home.toString(), secret.toString(), peer));
        arguments.addAll(founders);
        this.process = new ChildProcess(workspace, OPTIONS, NodeMain.class, arguments, home.resolve("log"));
    }

    /** Options of every node's JVM; {@code -Dbenchmark.node.options} adds some, for instance of a profiler. */
    private static List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                "-Xmx1g", "-XX:MaxDirectMemorySize=1g", "-Dorg.slf4j.simpleLogger.log.io.filereplication=warn"));
        String more = System.getProperty("benchmark.node.options", "");
        options.addAll(more.isEmpty() ? List.of() : List.of(more.split(" +")));
        return options;
    }

    static String newPeer(int number) {
        return "n" + number + "," + FreePorts.next() + "," + FreePorts.next();
    }

    String peer() {
        return peer;
    }

    /** Where its files are. */
    Path files() {
        return home.resolve("files");
    }

    long pid() {
        return process.pid();
    }

    boolean leads() throws IOException {
        return Boolean.parseBoolean(process.ask("leader"));
    }

    /** Puts files here, path and source in turn; when this returns they are registered and published here. */
    void put(List<String> pathsAndSources) throws IOException {
        done("put " + String.join(" ", pathsAndSources));
    }

    /** Puts one file, and answers when the put was begun. */
    long submitNanos(String path, Path source) throws IOException {
        return Long.parseLong(process.ask("submit " + path + " " + source));
    }

    /** Registers every file that lies below {@code prefix} in {@link #files}. */
    void register(String prefix) throws IOException {
        done("register " + prefix);
    }

    /** Deletes every registered file below {@code prefix}. */
    void delete(String prefix) throws IOException {
        done("delete " + prefix);
    }

    /** When the manifest here had the first registration since this was asked last. */
    long registeredNanos() throws IOException {
        return Long.parseLong(process.ask("registered"));
    }

    /** When so many files had been published here since this was asked last. */
    long publishedNanos(int count) throws IOException {
        return Long.parseLong(process.ask("published " + count));
    }

    /** Counts published files from zero again. */
    void forgetPublished() throws IOException {
        done("forget");
    }

    /** Begins no pulls until {@link #resumeNanos}. */
    void pause() throws IOException {
        done("pause");
    }

    /** Begins pulls again, and answers when. */
    long resumeNanos() throws IOException {
        return Long.parseLong(process.ask("resume"));
    }

    /** Has the group, which this node leads, consist of {@code members}; answers when that was asked for. */
    long membersNanos(List<String> members) throws IOException {
        return Long.parseLong(process.ask("members " + String.join(" ", members)));
    }

    /** Commits entries that change nothing, so many a second, until {@link #endCommits}. */
    void beginCommits(int perSecond) throws IOException {
        done("commits " + perSecond);
    }

    /** How long those commits took. */
    CommitProbe.Latencies endCommits() throws IOException {
        return CommitProbe.Latencies.parse(process.ask("commits end"));
    }

    /** The most memory that was held since this was asked last. */
    MemoryPeaks.Peaks memoryPeaks() throws IOException {
        return MemoryPeaks.Peaks.parse(process.ask("memory"));
    }

    private void done(String command) throws IOException {
        String answer = process.ask(command);
        if (!answer.equals("ok")) {
            throw new IOException("'" + command + "' was answered " + answer);
        }
    }

    void end() throws InterruptedException {
        process.end();
    }
}
