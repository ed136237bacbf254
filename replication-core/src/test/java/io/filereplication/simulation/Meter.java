package io.filereplication.simulation;

import io.filereplication.FileVersion;
import io.filereplication.PrefixDigests;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a life takes no more from its peers than its bandwidth limit lets it, judged by what arrives on its disk. */
final class Meter {
    /** What an idle limit saves up, in seconds of its rate. */
    private static final double SAVED_SECONDS = 0.1;

    /** As many at a time break off before they have paid for what they took; what is charged afterwards is paid. */
    private static final int MOST_UNPAID = 2;

    private final Kernel kernel;

    private record Chunk(FileVersion version, long number) {}

    /** A chunk is paid for after it was taken: each worker may owe one, and one may be overdrawn. */
    private final int workers;
    /** Fetches that ended, by a cancellation for instance, before their last chunk was paid for. */
    private int unpaid;

    /** By file and chunk, because a chunk may come to the disk in parts. */
    private final Map<Chunk, Integer> taken = new HashMap<>();

    private long bytesPerSecond;
    private long since;

    Meter(Kernel kernel, int workers) {
        this.kernel = kernel;
        this.workers = workers;
    }

    /** From now on there is this limit; 0 is none. */
    void limit(long rate) {
        bytesPerSecond = rate;
        since = kernel.now();
        taken.clear();
        unpaid = 0;
    }

    /** A fetch broke off. */
    void brokeOff() {
        unpaid++;
    }

    /** More bytes were appended behind {@code position}; says what is wrong with that. */
    @Nullable
    String took(FileVersion version, long position, int bytes) {
        if (bytesPerSecond == 0) {
            return null;
        }
        taken.merge(new Chunk(version, position / PrefixDigests.CHUNK_BYTES), bytes, Integer::sum);
        long owed = taken.values().stream()
                .sorted(Comparator.reverseOrder())
                .limit(workers + 1L + Math.min(unpaid, MOST_UNPAID))
                .mapToLong(Integer::longValue)
                .sum();
        long paid = taken.values().stream().mapToLong(Integer::longValue).sum() - owed;
        double allowed = bytesPerSecond * ((kernel.now() - since) / 1e9 + SAVED_SECONDS) + 1;
        return paid <= allowed
                ? null
                : paid + " bytes were taken where " + (long) allowed + " are allowed by a limit of " + bytesPerSecond
                        + " bytes per second";
    }
}
