package io.filereplication.storage;

/** As many puts are under way as may be; trying again helps once one of them is decided. */
public final class TooManyPutsException extends StorageException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    public TooManyPutsException(int limit) {
        super(limit
                + " puts are under way on this node, as many as may be, each of which keeps its bytes until it is decided:"
                + " put again when one of them has ended");
        this.limit = limit;
    }

    /** How many may be under way. */
    public int limit() {
        return limit;
    }
}
