package io.filereplication.simulation;

import io.filereplication.ManifestListener;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.PeerResolver;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
import io.filereplication.storage.LocalFiles;
import io.filereplication.time.BandwidthLimits;
import java.util.OptionalLong;

/** Where a test may put something else in the place of a part: a part with a bug that the checkers have to find. */
interface Variant {
    /** Everything as it is. */
    Variant NONE = new Variant() {};

    default PullerConfig.Builder config(PullerConfig.Builder config) {
        return config;
    }

    /** Of 100 files, how many have several chunks: a bug in resuming shows only there. */
    default int largeFilesPercent() {
        return 3;
    }

    /** Whether no node's storage can append: what a bug does there shows nowhere else. */
    default boolean cannotAppend() {
        return false;
    }

    /** Whether an fsync of bytes does nothing. */
    default boolean skipsFsync() {
        return false;
    }

    /** Whether the operator rotates secrets without waiting for the other nodes. */
    default boolean rotatesCarelessly() {
        return false;
    }

    default void pause(Puller puller) {
        puller.pause();
    }

    default void limit(BandwidthLimits<NodeId> incoming, OptionalLong bytesPerSecond) {
        incoming.limitNode(bytesPerSecond);
    }

    /** Whether a file that is in the way is moved away before the one that replaces it is there. */
    default boolean makesRoomFirst() {
        return false;
    }

    default LocalFiles files(LocalFiles files, SimulatedNode node) {
        return files;
    }

    default ManifestView manifestForPuller(ManifestView manifest, SimulatedNode node) {
        return manifest;
    }

    default ManifestListener listener(ManifestListener puller, SimulatedNode node) {
        return puller;
    }

    default Fetcher fetcher(Fetcher fetcher, SimulatedNode node) {
        return fetcher;
    }

    default PeerResolver resolver(PeerResolver resolver, SimulatedNode node) {
        return resolver;
    }
}
