package io.filereplication.storage;

import io.filereplication.storage.StorageBackend.Space;

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

    private final StorageBackend backend;
    private long outstanding;

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
        Space space = backend.space();
        long reserve = Math.min(RESERVE_BYTES, space.totalBytes() / RESERVE_PART);
        synchronized (this) {
            long left = space.freeBytes() - outstanding - reserve;
            if (left < bytes) {
                throw new StorageFullException("No room for " + bytes + " bytes: " + space.freeBytes() + " are free, "
                        + outstanding + " of them promised to files in progress, and " + reserve + " stay free");
            }
            outstanding += bytes;
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
