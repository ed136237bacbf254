package io.filereplication.wire;

import java.util.Arrays;

/**
 * Remembers which counters of a session were seen: {@value #WIDTH} of them, up to the highest. A counter that is too old to
 * be remembered counts as seen, so none is ever accepted twice. Not thread-safe.
 */
public final class ReplayWindow {
    /** How far behind the highest counter an unseen one may be. */
    public static final int WIDTH = 4_096;

    private final long[] seen = new long[WIDTH / Long.SIZE];
    private long highest;

    /** Marks {@code counter} and returns true; false when it was seen before, is too old, or is not positive. */
    public boolean accept(long counter) {
        if (counter <= 0 || counter <= highest - WIDTH) {
            return false;
        }
        if (counter > highest) {
            forget(counter);
            highest = counter;
        } else if ((seen[word(counter)] & bit(counter)) != 0) {
            return false;
        }
        seen[word(counter)] |= bit(counter);
        return true;
    }

    /** Clears the places of the counters between the highest and {@code next}, which older ones had. */
    private void forget(long next) {
        if (next - highest >= WIDTH) {
            Arrays.fill(seen, 0);
            return;
        }
        // Counted by distance: a counter that is compared with the greatest long is never beyond it.
        for (long ahead = next - highest; ahead > 0; ahead--) {
            seen[word(highest + ahead)] &= ~bit(highest + ahead);
        }
    }

    private static int word(long counter) {
        return (int) (counter % WIDTH) / Long.SIZE;
    }

    private static long bit(long counter) {
        return 1L << (counter % Long.SIZE);
    }
}
