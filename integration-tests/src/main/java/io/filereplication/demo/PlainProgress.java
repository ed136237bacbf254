package io.filereplication.demo;

import io.filereplication.time.Ticker;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** For a file or a pipe: one line, at most once a second, and none that repeats the last one. */
final class PlainProgress implements ProgressDisplay {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PrintStream out;
    private final Ticker ticker;
    private final long started;
    private long nextLine;
    private List<NodeProgress> shown = List.of();

    PlainProgress(PrintStream out, Ticker ticker) {
        this.out = out;
        this.ticker = ticker;
        started = ticker.nanoTime();
        nextLine = started;
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void show(List<NodeProgress> nodes) {
        long now = ticker.nanoTime();
        if (now - nextLine < 0 || nodes.equals(shown)) {
            return;
        }
        nextLine = now + PAUSE_NANOS;
        shown = List.copyOf(nodes);
        say("  " + Amounts.seconds(now - started) + " s  "
                + nodes.stream().map(PlainProgress::describe).collect(Collectors.joining(" | ")));
    }

    private static String describe(NodeProgress node) {
        StringBuilder text = new StringBuilder(node.name()).append(": ");
        if (node.missing() > 0) {
            text.append(node.here()).append(" of ");
        }
        text.append(node.files()).append(" files, ").append(Amounts.size(node.bytesHere()));
        if (node.bytesPerSecond() >= 0) {
            text.append(", ").append(Amounts.size(node.bytesPerSecond())).append("/s");
        }
        if (node.missing() > 0) {
            text.append(", ").append(node.missing()).append(" missing");
        }
        return text.toString();
    }

    @Override
    public void pause() {
        // Every line stands for itself.
    }
}
