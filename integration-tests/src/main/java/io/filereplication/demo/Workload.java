package io.filereplication.demo;

import java.io.IOException;
import java.util.List;

/** What the demo replicates, and what must come out on every node. Used by one thread. */
sealed interface Workload permits GeneratedWorkload, OwnFilesWorkload {
    /**
     * Some of the files, and how a node is asked to put them.
     *
     * @param files how many there are
     */
    record Part(Verb verb, Fields fields, int files) {}

    /** In a few words. */
    String describe();

    /** What node 1 puts. */
    Part first();

    /** What node 2 puts once the origin is dead; may hold no files. */
    Part later();

    /** About how many bytes a node holds in the end. */
    long bytes();

    /** Keeps what a writer says that it wrote. */
    void written(Part part, Fields answer);

    /**
     * Compares a node's disk with what was written, independently of the manifest.
     *
     * @return what differs, a sentence each
     */
    List<String> differences(Member member, TreeReport report) throws DemoFailure, InterruptedException, IOException;
}
