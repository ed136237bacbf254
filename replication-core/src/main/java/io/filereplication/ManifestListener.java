package io.filereplication;

/**
 * Hears what the manifest became. Called outside apply's lock, in log order, on the thread that applies the log: an
 * implementation must return at once, do no I/O and take no lock that is held across I/O. An exception is logged and
 * counted by the caller and goes no further.
 */
public interface ManifestListener {
    /** The content of {@code entry} is new: first registered, or changed. Not called when only other fields changed. */
    void registered(FileEntry entry);

    /** {@code removed} was deleted by the operation at {@code at}. Called only when it existed. */
    void deleted(FileEntry removed, Lsn at);

    /**
     * A snapshot replaced the manifest: what it brought was never announced by {@link #registered}, and what it lacks
     * was never announced by {@link #deleted}. The view already shows the new manifest. Iterating the difference may take
     * long: do it on another thread.
     */
    void replaced(ManifestDifference difference);
}
