package io.filereplication.plugin;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts that depend on one another, closed in the opposite order of the one in which they were made. For one thread at a time. */
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final String owner;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** {@code owner} begins what is said of a part that does not close. */
    Parts(String owner) {
        this.owner = owner;
    }

    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** Closes all of them, whatever one of them throws. Idempotent. */
    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{}: {} did not close cleanly", owner, part, e);
            }
        }
    }
}
