package io.filereplication.time;

/** A monotonic clock. */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds since an arbitrary origin; only differences mean anything, compared as {@code a - b < 0}. */
    long nanoTime();

    /** The machine's own monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
