package io.filereplication.storage;

/** The machine stops here. Unchecked, so that nothing on the way handles it. */
public final class SimulatedCrash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SimulatedCrash(String step) {
        super(step);
    }
}
