package io.filereplication.serve;

import io.filereplication.FileEntry;

/** Puts a file at the front of those that wait to be hashed again. Called on a serving thread; must not block. */
@FunctionalInterface
public interface Reverification {
    /**
     * A peer asked for {@code entry} but nothing proves what is on the disk, or a peer was sent bytes that did not match.
     *
     * @return whether it will be hashed; not what this node need not have
     */
    boolean requested(FileEntry entry);
}
