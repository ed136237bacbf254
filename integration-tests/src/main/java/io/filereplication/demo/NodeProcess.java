package io.filereplication.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A child JVM that answers {@link Message}s. It runs on the java and the class path of this process, writes its log to a
 * file, and ends when its standard input does, so it cannot outlive its parent.
 *
 * <p>Thread-safe. Answers are completed on one reader thread per child.
 */
final class NodeProcess {
    private static final int LOG_LINES = 15;
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);

    private final String name;
    private final Process process;
    private final Path log;
    private final BufferedWriter requests;
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, CompletableFuture<Fields>> pending = new ConcurrentHashMap<>();

    private NodeProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts {@code main} in a new JVM.
     *
     * @param name as it is shown, such as {@code node 1}
     * @param home the process's working and temporary directory, below {@code run}
     */
    static NodeProcess start(String name, Class<?> main, Path home, Path log, RunDirectory run) throws DemoFailure {
        try {
            Path temporary = Files.createDirectories(home.resolve("tmp"));
            Files.createDirectories(log.toAbsolutePath().getParent());
            ProcessBuilder builder = new ProcessBuilder(command(main, temporary))
                    .directory(home.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
                // Under a locale like C a JVM cannot name every file; the node's storage refuses to start there.
                builder.environment().put("LC_ALL", "C.UTF-8");
            }
            NodeProcess node = new NodeProcess(name, run.start(builder), log);
            Thread reader = new Thread(node::readAnswers, "demo-answers-" + name);
            reader.setDaemon(true);
            reader.start();
            return node;
        } catch (IOException e) {
            throw new DemoFailure("The process of " + name + " cannot be started: " + e.getMessage(), e);
        }
    }

    private static List<String> command(Class<?> main, Path temporary) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.add("-XX:MaxDirectMemorySize=512m");
        // A killed JVM leaves its performance file and its unpacked native libraries behind; here both are off or below
        // the run.
        command.add("-XX:-UsePerfData");
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add("-Dorg.slf4j.simpleLogger.logFile=System.err");
        // Standard output carries answers only.
        command.add("-XX:+DisplayVMOutputToStderr");
        command.add("-cp");
        command.add(absoluteClassPath());
        command.add(main.getName());
        return command;
    }

    private static String absoluteClassPath() {
        List<String> absolute = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            absolute.add(Path.of(element).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, absolute);
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks; the answer fails with {@link DemoFailure} when the node refuses or ends first. */
    CompletableFuture<Fields> ask(Verb verb, Fields fields) {
        long id = lastId.incrementAndGet();
        CompletableFuture<Fields> answer = new CompletableFuture<>();
        pending.put(id, answer);
        String line = new Message(id, verb.word(), fields).toLine();
        try {
            synchronized (requests) {
                requests.write(line);
                requests.write('\n');
                requests.flush();
            }
        } catch (IOException e) {
            fail(id, new DemoFailure(name + " cannot be asked to " + verb.word() + ": " + e.getMessage(), e));
        }
        if (!process.isAlive()) {
            fail(id, new DemoFailure(ending()));
        }
        return answer;
    }

    /** Asks and waits. */
    Fields call(Verb verb, Fields fields, Duration timeout) throws DemoFailure, InterruptedException {
        return await(ask(verb, fields), verb, timeout);
    }

    /** Waits for an answer of this node. */
    Fields await(CompletableFuture<Fields> answer, Verb verb, Duration timeout)
            throws DemoFailure, InterruptedException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new DemoFailure(
                    cause == null ? name + " has not answered" : String.valueOf(cause.getMessage()), cause);
        } catch (TimeoutException e) {
            throw new DemoFailure(
                    name + " has not answered '" + verb.word() + "' within " + timeout.toSeconds() + " s", e);
        }
    }

    private void fail(long id, DemoFailure failure) {
        CompletableFuture<Fields> answer = pending.remove(id);
        if (answer != null) {
            answer.completeExceptionally(failure);
        }
    }

    private void readAnswers() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Message.parse(line).ifPresent(this::accept);
            }
            process.waitFor();
        } catch (IOException e) {
            // The stream of a killed process breaks; what matters is said below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Long id : List.copyOf(pending.keySet())) {
            fail(id, new DemoFailure(ending()));
        }
    }

    private void accept(Message message) {
        CompletableFuture<Fields> answer = pending.remove(message.id());
        if (answer == null) {
            return;
        }
        if (message.word().equals(Message.OK)) {
            answer.complete(message.fields());
        } else {
            answer.completeExceptionally(
                    new DemoFailure(name + ": " + message.fields().text(Message.REASON)));
        }
    }

    private String ending() {
        return name + " has ended" + (process.isAlive() ? "" : " with exit code " + process.exitValue());
    }

    /** Kills the process with SIGKILL, so that nothing in it can tidy up, and waits until it is gone. */
    void kill() throws DemoFailure, InterruptedException {
        process.destroyForcibly();
        awaitExit(KILL_TIMEOUT);
    }

    /** Waits until the process is gone and returns its exit code. */
    int awaitExit(Duration timeout) throws DemoFailure, InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new DemoFailure(name + " has not ended within " + timeout.toSeconds() + " s");
        }
        return process.exitValue();
    }

    /** The end of the node's log, for a report of a failure. */
    List<String> lastLogLines() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
        } catch (IOException e) {
            return List.of("(no log: " + e.getMessage() + ")");
        }
    }
}
