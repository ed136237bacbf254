package io.filereplication.time;

/**
 * Mutual exclusion per key: what is done for one path is done one thing after another, while other paths go on.
 *
 * <p>The one lock of the project that is held across I/O; so it is never taken on the apply thread, on a timer thread or
 * on an event loop. Not reentrant. A port, because a simulation that runs one task at a time must not block inside a lock.
 */
public interface KeyedLock<K> {
    /** Waits until no one else holds {@code key}, holds it, and returns what releases it. */
    Held lock(K key) throws InterruptedException;

    /** A key that is held. */
    interface Held extends AutoCloseable {
        /** Lets the key go. Idempotent. */
        @Override
        void close();
    }
}
