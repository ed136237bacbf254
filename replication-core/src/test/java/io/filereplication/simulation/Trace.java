package io.filereplication.simulation;

import java.util.function.Consumer;

/** Everything that happened, as one number; and as text for whoever listens. Two runs of a seed must agree on it. */
final class Trace {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final Consumer<String> listener;
    private final boolean heard;
    private long hash = 1;
    private long events;

    private Trace(Consumer<String> listener, boolean heard) {
        this.listener = listener;
        this.heard = heard;
    }

    static Trace silent() {
        return new Trace(line -> {}, false);
    }

    static Trace toldTo(Consumer<String> listener) {
        return new Trace(listener, true);
    }

    void note(long now, long task, String what, long detail) {
        events++;
        mix(now);
        mix(task);
        mix(what.hashCode());
        mix(detail);
        if (heard) {
            listener.accept(String.format("%14.9f %5d %s %d", now / 1e9, task, what, detail));
        }
    }

    private void mix(long value) {
        long mixed = (hash ^ value) * PRIME;
        hash = mixed ^ (mixed >>> 29);
    }

    /** Words for a reader; not part of the hash. */
    void comment(String text) {
        if (heard) {
            listener.accept(text);
        }
    }

    boolean isHeard() {
        return heard;
    }

    long hash() {
        return hash;
    }

    long events() {
        return events;
    }
}
