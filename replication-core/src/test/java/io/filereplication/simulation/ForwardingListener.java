package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;

/** A listener that passes on what it hears. */
class ForwardingListener implements ManifestListener {
    private final ManifestListener listener;

    ForwardingListener(ManifestListener listener) {
        this.listener = listener;
    }

    @Override
    public void registered(FileEntry entry) {
        listener.registered(entry);
    }

    @Override
    public void deleted(FileEntry removed, Lsn at) {
        listener.deleted(removed, at);
    }

    @Override
    public void replaced(ManifestDifference difference) {
        listener.replaced(difference);
    }
}
