package io.filereplication.simulation;

import io.filereplication.pull.PullProbe;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Decides what fails, and counts what was felt. A fault counts where the code under test met it: a message that was lost
 * counts when the receiver waits in vain, one that nobody would have read does not count.
 */
final class Faults {
    private final Kernel kernel;
    private final SplittableRandom random;
    private final Map<FaultKind, Integer> weights = new EnumMap<>(FaultKind.class);
    private final FaultTable table = new FaultTable();
    private boolean on = true;

    /** Each seed has its own mixture: some kinds often, some never. */
    Faults(Kernel kernel, long seed) {
        this.kernel = kernel;
        this.random = new SplittableRandom(seed);
        for (FaultKind kind : FaultKind.values()) {
            int[] factors = {0, 1, 1, 2, 4};
            weights.put(kind, kind.permille * factors[random.nextInt(factors.length)]);
        }
    }

    /** Whether a fault of this kind shall happen now. */
    boolean happens(FaultKind kind) {
        int weight = weights.getOrDefault(kind, 0);
        return on && weight > 0 && random.nextInt(1_000) < weight;
    }

    /** Whether something happens that has {@code percent} of a chance while there are faults. */
    boolean chance(int percent) {
        return on && random.nextInt(100) < percent;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    boolean areOn() {
        return on;
    }

    /** From here on nothing fails any more. */
    void end() {
        on = false;
    }

    /** The code under test of {@code node} has met a fault. */
    void felt(FaultKind kind, SimulatedNode node) {
        kernel.note(kind.name(), node.number());
        node.felt(kind);
        Set<PullProbe.State> states = node.statesHitBy(kind, kernel.current());
        if (on && (!states.isEmpty() || !kind.isOrdinary)) {
            table.count(kind, states);
        }
    }

    FaultTable table() {
        return table;
    }
}
