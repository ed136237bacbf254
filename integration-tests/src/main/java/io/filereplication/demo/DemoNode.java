package io.filereplication.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The main class of a node process: reads {@link Message}s from standard input and answers them on standard output, which
 * nothing else in the process writes to. {@link Verb#STATUS} is answered on the reading thread, everything else on one
 * worker, in order. The process ends after {@link Verb#STOP}, and at once when its input ends: its parent is gone then.
 */
final class DemoNode {
    private static final int PARENT_GONE = 3;

    private final NodeCommands commands;
    private final PrintStream answers;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "demo-commands"));

    private DemoNode(NodeCommands commands, PrintStream answers) {
        this.commands = commands;
        this.answers = answers;
    }

    public static void main(String[] args) throws IOException {
        run(System.in, RatisNode::start);
    }

    /** Serves {@code requests} until they end, and then the process does. */
    static void run(InputStream requests, ReplicatedNode.Starter starter) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        new DemoNode(new NodeCommands(starter), answers).serve(requests);
        // Nothing to tidy up: the parent, which owned the files, is gone.
        Runtime.getRuntime().halt(PARENT_GONE);
    }

    private void serve(InputStream requests) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(requests, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Optional<Message> request = Message.parse(line);
            if (request.isEmpty()) {
                continue;
            }
            Message message = request.get();
            if (message.word().equals(Verb.STATUS.word())) {
                answer(commands.answer(message));
            } else {
                worker.execute(() -> command(message));
            }
        }
    }

    private void command(Message message) {
        answer(commands.answer(message));
        if (message.word().equals(Verb.STOP.word())) {
            System.exit(0);
        }
    }

    private void answer(Message message) {
        synchronized (answers) {
            answers.print(message.toLine() + "\n");
            answers.flush();
        }
    }
}
