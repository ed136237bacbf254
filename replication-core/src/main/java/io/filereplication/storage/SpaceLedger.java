package io.filereplication.storage;

import io.filereplication.storage.StorageBackend.Space;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a part of the medium free: bytes are reserved before they are staged, and what is reserved but not written yet counts as
 * used. Thread-safe; the medium is asked outside the lock.
 */
final class SpaceLedger {
    /** What stays free at most, bytes. */
    static final long RESERVE_BYTES = 1L << 30;
    /** What stays free at most, as a part of the medium: the smaller of both counts. */
    static final long RESERVE_PART = 20;
    /** What a put of unknown size reserves at a time, bytes. */
    static final long STEP_BYTES = 16 << 20;
    /** Reservations up to this size are taken out of a step, so that the medium is not asked for each small file. */
    static final long SMALL_BYTES = 256 << 10;

    private final StorageBackend backend;
    private long outstanding;
    /** What is reserved and belongs to nobody yet. Part of {@link #outstanding}. */
    private long pooled;

    SpaceLedger(StorageBackend backend) {
        this.backend = backend;
    }

    /** Reserves {@code bytes}; throws {@link StorageFullException} when the reserve would be touched. */
    Reservation reserve(long bytes) throws StorageException {
        Reservation reservation = new Reservation();
        reservation.grow(bytes);
        return reservation;
    }

    private void take(long bytes) throws StorageException {
        if (bytes > SMALL_BYTES) {
            if (!ask(bytes)) {
                drainPool();
                askOrFail(bytes);
            }
        } else if (!takeFromPool(bytes)) {
            if (ask(STEP_BYTES)) {
                pool(STEP_BYTES - bytes);
            } else {
                askOrFail(bytes);
            }
        }
    }

    private synchronized boolean takeFromPool(long bytes) {
        boolean enough = pooled >= bytes;
        if (enough) {
            pooled -= bytes;
        }
        return enough;
    }

    private synchronized void pool(long bytes) {
        pooled += bytes;
    }

    private synchronized void drainPool() {
        outstanding -= pooled;
        pooled = 0;
    }

    private boolean ask(long bytes) throws StorageException {
        return refusal(bytes) == null;
    }

    private void askOrFail(long bytes) throws StorageException {
        String refusal = refusal(bytes);
        if (refusal != null) {
            throw new StorageFullException(refusal);
        }
    }

    /** Reserves, or answers why not. */
    private @Nullable String refusal(long bytes) throws StorageException {
        Space space = backend.space();
        long reserve = Math.min(RESERVE_BYTES, space.totalBytes() / RESERVE_PART);
        synchronized (this) {
            if (space.freeBytes() - outstanding - reserve < bytes) {
                return "No room for " + bytes + " bytes: " + space.freeBytes() + " are free, " + outstanding
                        + " of them promised to files in progress, and " + reserve + " stay free";
            }
            outstanding += bytes;
            return null;
        }
    }

    private synchronized void give(long bytes) {
        outstanding -= bytes;
    }

    /** Room for one file in progress. Used by one thread. */
    final class Reservation implements AutoCloseable {
        private long left;

        private void grow(long bytes) throws StorageException {
            if (bytes > 0) {
                take(bytes);
                left += bytes;
            }
        }

        /** {@code bytes} are about to be written. */
        void use(long bytes) throws StorageException {
            if (bytes > left) {
                grow(Math.max(bytes - left, STEP_BYTES));
            }
            left -= bytes;
            give(bytes);
        }

        /** Gives back what was not used. Idempotent. */
        @Override
        public void close() {
            give(left);
            left = 0;
        }
    }
}
