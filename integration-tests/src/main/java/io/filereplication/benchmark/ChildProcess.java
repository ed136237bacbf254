package io.filereplication.benchmark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process of the benchmark's own class path that answers each line with a line. Not thread-safe: one question at a time.
 */
final class ChildProcess {
    /** Begins an answer: the virtual machine may print something itself. */
    private static final String ANSWER = "= ";

    private final Workspace workspace;
    private final Path log;
    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    /** Starts {@code main}; what it logs goes to {@code log}. */
    ChildProcess(Workspace workspace, List<String> options, Class<?> main, List<String> arguments, Path log)
            throws IOException {
        this.workspace = workspace;
        this.log = log;
        this.process = workspace.start(
                new ProcessBuilder(Workspace.java(options, main, arguments)).redirectError(log.toFile()));
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Answers what the process answered; fails, with its log, when that is a failure or nothing. */
    String ask(String question) throws IOException {
        questions.write(question + "\n");
        questions.flush();
        String line = answers.readLine();
        while (line != null && !line.startsWith(ANSWER)) {
            line = answers.readLine();
        }
        if (line == null || line.startsWith(ANSWER + "failed")) {
            throw new IOException("'" + question + "' was answered " + line + "; log: " + Files.readString(log));
        }
        return line.substring(ANSWER.length());
    }

    long pid() {
        return process.pid();
    }

    void end() throws InterruptedException {
        workspace.end(process);
    }

    /** What the process does with one question, given as words. */
    @FunctionalInterface
    interface Answerer {
        String answer(List<String> words) throws Exception;
    }

    /** In the process: answers every line of standard input on {@code answers} until there are no more. */
    static void serve(PrintStream answers, Answerer answerer) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String answer;
            try {
                answer = answerer.answer(List.of(line.split(" ", -1)));
            } catch (Exception e) {
                answer = "failed " + e;
            }
            answers.println(ANSWER + answer);
            answers.flush();
        }
    }
}
