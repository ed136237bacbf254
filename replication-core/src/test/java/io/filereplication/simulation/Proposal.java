package io.filereplication.simulation;

import io.filereplication.FileEntry;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A change on its way to the log. It arrives although whoever proposed it may have died, or was closed, meanwhile. */
final class Proposal {
    private static final long POLL_NANOS = 1_000_000_000L;

    private final Kernel kernel;
    private final Signal decision = new Signal();
    private boolean decided;
    private @Nullable FileEntry entry;

    private Proposal(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A proposal that {@code commit} decides about when it has been on its way for so long. */
    static Proposal of(Kernel kernel, long nanos, Supplier<@Nullable FileEntry> commit) {
        Proposal proposal = new Proposal(kernel);
        kernel.spawn(kernel.world(), "proposal", () -> {
            kernel.pause(nanos);
            proposal.entry = commit.get();
            proposal.decided = true;
            kernel.signal(proposal.decision);
        });
        return proposal;
    }

    /** Waits until it is decided, or nobody can wait any longer; answers whether it is decided. */
    boolean await(BooleanSupplier givesUp) {
        while (!decided && !givesUp.getAsBoolean()) {
            kernel.await(decision, POLL_NANOS);
        }
        return decided;
    }

    /** What it was committed as; null when it was not, or is not yet. */
    @Nullable
    FileEntry entry() {
        return entry;
    }
}
