package io.filereplication.time;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The {@link KeyedLock} of a running node: whoever waits longest for a key gets it next, and an interrupt ends the wait.
 * Only keys that are held or waited for take memory.
 */
public final class FairKeyedLock<K> implements KeyedLock<K> {
    private final ConcurrentHashMap<K, Turnstile> turnstiles = new ConcurrentHashMap<>();

    @Override
    public Held lock(K key) throws InterruptedException {
        Turnstile turnstile = turnstiles.compute(key, (k, known) -> {
            Turnstile used = known == null ? new Turnstile() : known;
            used.users++;
            return used;
        });
        try {
            turnstile.permit.acquire();
        } catch (InterruptedException e) {
            leave(key);
            throw e;
        }
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.getAndSet(false)) {
                turnstile.permit.release();
                leave(key);
            }
        };
    }

    private void leave(K key) {
        turnstiles.computeIfPresent(key, (k, turnstile) -> {
            turnstile.users--;
            return turnstile.users == 0 ? null : turnstile;
        });
    }

    /** How many keys are held or waited for. */
    int size() {
        return turnstiles.size();
    }

    /** One key's permit; {@link #users} is touched only inside the map's atomic updates of that key. */
    private static final class Turnstile {
        final Semaphore permit = new Semaphore(1, true);
        int users;
    }
}
