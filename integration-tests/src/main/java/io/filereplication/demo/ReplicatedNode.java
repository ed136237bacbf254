package io.filereplication.demo;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The node inside a node process, as far as the demo needs one. Thread-safe. */
interface ReplicatedNode extends AutoCloseable {
    /** Starts a node; an exception's message is one sentence that says what is wrong. */
    @FunctionalInterface
    interface Starter {
        ReplicatedNode start(NodeSettings settings) throws Exception;
    }

    /** Stores, hashes and registers a copy of {@code source}. */
    CompletableFuture<FileEntry> putAsync(FilePath path, Path source, Attributes attributes);

    /** What this node knows to be registered. */
    ManifestView manifest();

    /** At once. */
    NodeReport status() throws IOException;

    /** Makes {@code peers} the group's members; blocks until that is committed. */
    void reconfigure(List<PeerAddress> peers) throws Exception;

    /** Has the leader, which must be this node, take a snapshot and purge its log; blocks. Returns the snapshot's index. */
    long takeSnapshot() throws Exception;

    @Override
    void close() throws Exception;
}
