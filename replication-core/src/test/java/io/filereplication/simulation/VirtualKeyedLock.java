package io.filereplication.simulation;

import io.filereplication.time.KeyedLock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@link KeyedLock} of one process in the simulation. Whoever waits may get the key next, in any order. */
final class VirtualKeyedLock<K> implements KeyedLock<K> {
    /** Who holds a key, and since which step. */
    record Holding(Task holder, long since) {}

    private final Kernel kernel;
    private final Map<K, Holding> held = new HashMap<>();
    private final Map<K, Signal> signals = new HashMap<>();

    VirtualKeyedLock(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Held lock(K key) throws InterruptedException {
        kernel.throwIfInterrupted();
        kernel.step("lock", key.hashCode());
        while (held.containsKey(key)) {
            if (held.get(key).holder() == kernel.current()) {
                throw new IllegalStateException("Not reentrant: " + key);
            }
            kernel.awaitInterruptibly(signals.computeIfAbsent(key, k -> new Signal()), -1);
        }
        Holding mine = new Holding(kernel.current(), kernel.steps());
        held.put(key, mine);
        return () -> {
            if (held.remove(key, mine)) {
                Signal signal = signals.get(key);
                if (signal != null) {
                    kernel.signal(signal);
                    if (signal.waiting.isEmpty()) {
                        signals.remove(key);
                    }
                }
            }
        };
    }

    /** Who holds {@code key}; null when nobody does. */
    @Nullable
    Holding holding(K key) {
        return held.get(key);
    }

    int size() {
        return held.size();
    }
}
