package io.filereplication.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * For a terminal: one block with a line per node, drawn again in its place. Sentences scroll above it. Lines keep below 80
 * characters, because a line that wraps could not be drawn over.
 */
final class LiveProgress implements ProgressDisplay {
    private static final int BAR = 16;
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final String CLEAR_TO_END_OF_SCREEN = "\u001b[J";

    private final PrintStream out;
    private int height;

    LiveProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void say(String line) {
        out.print(top() + CLEAR_TO_END_OF_SCREEN + line + "\n");
        out.flush();
        height = 0;
    }

    @Override
    public void show(List<NodeProgress> nodes) {
        StringBuilder block = new StringBuilder(top());
        for (NodeProgress node : nodes) {
            block.append(describe(node)).append(CLEAR_TO_END_OF_LINE).append('\n');
        }
        block.append(CLEAR_TO_END_OF_SCREEN);
        out.print(block);
        out.flush();
        height = nodes.size();
    }

    /** Leaves the block where it is. */
    @Override
    public void pause() {
        height = 0;
    }

    private String top() {
        return height == 0 ? "\r" : "\u001b[" + height + "A\r";
    }

    private static String describe(NodeProgress node) {
        long filled = node.bytes() == 0 ? 0 : BAR * node.bytesHere() / node.bytes();
        String bar = "#".repeat((int) filled) + ".".repeat(BAR - (int) filled);
        String rate = node.bytesPerSecond() < 0 ? "" : Amounts.size(node.bytesPerSecond()) + "/s";
        String missing = node.missing() == 0 ? "" : node.missing() + " missing";
        return String.format(
                Locale.ROOT,
                "  %-7s [%s] %5d files %10s %12s  %s",
                node.name(),
                bar,
                node.here(),
                Amounts.size(node.bytesHere()),
                rate,
                missing);
    }
}
