package io.filereplication.time;

import java.util.HashSet;
import java.util.Set;

/**
 * A {@link KeyedLock} for one thread: nothing can wait there, so a key that is held already is a failure of the test or,
 * when the holder sleeps, of the code.
 */
public final class ManualKeyedLock<K> implements KeyedLock<K> {
    private final Set<K> held = new HashSet<>();

    @Override
    public Held lock(K key) {
        if (!held.add(key)) {
            throw new AssertionError(key + " is held already");
        }
        boolean[] open = {true};
        return () -> {
            if (open[0]) {
                open[0] = false;
                held.remove(key);
            }
        };
    }

    public boolean isHeld(K key) {
        return held.contains(key);
    }

    /** For a tear-down: nothing may be left held. */
    public boolean isFree() {
        return held.isEmpty();
    }
}
