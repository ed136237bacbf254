package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;

/** The local files as the server of one node uses them, with an eye on what it has to tell its peers. */
final class ServedFiles extends ForwardingFiles {
    private final SimulatedNode node;

    ServedFiles(SimulatedNode node, LocalFiles files) {
        super(files);
        this.node = node;
    }

    /** Who waits for a copy that is known to be bad waits for nothing, and nobody learns that there is no other. */
    @Override
    public Opening open(FileEntry entry) throws StorageException {
        boolean wasBad = node.hasFoundBad(entry.version()); // what is found out while the disk is slow comes too late
        Opening opening = super.open(entry);
        if (wasBad && opening instanceof Opening.NotReady && node.hasFoundBad(entry.version())) {
            node.world()
                    .checks()
                    .violated(node, entry.version() + " was hashed and is bad, and yet peers are told to ask again");
        }
        return opening;
    }
}
