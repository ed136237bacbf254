package io.filereplication.plugin;

import io.filereplication.fetch.PeerResolver;
import io.filereplication.pull.FileEvents;
import io.filereplication.pull.ReplicationFilter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * What one group needs of its own. Begin with {@link #of}.
 *
 * @param group the Raft group whose log holds the manifest
 * @param storageRoot where its files lie; no other group's, and not inside the Raft directory
 * @param filter which files this node wants
 * @param events hears what happens to this node's files
 * @param resolver makes of the usual order of peers, the origin first, the one that is asked for on each attempt
 */
public record GroupSettings(
        RaftGroupId group,
        Path storageRoot,
        ReplicationFilter filter,
        FileEvents events,
        UnaryOperator<PeerResolver> resolver) {
    public GroupSettings {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(storageRoot, "storageRoot");
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(resolver, "resolver");
    }

    /** Every file, from the origin first, and nobody hears of it. */
    public static GroupSettings of(RaftGroupId group, Path storageRoot) {
        return new GroupSettings(group, storageRoot, ReplicationFilter.ALL, FileEvents.NONE, UnaryOperator.identity());
    }

    /** The same with another filter. */
    public GroupSettings withFilter(ReplicationFilter wanted) {
        return new GroupSettings(group, storageRoot, wanted, events, resolver);
    }

    /** The same with another listener. */
    public GroupSettings withEvents(FileEvents listener) {
        return new GroupSettings(group, storageRoot, filter, listener, resolver);
    }

    /** The same with another order of peers: {@code made} is given the usual one and may ask it, or not. */
    public GroupSettings withResolver(UnaryOperator<PeerResolver> made) {
        return new GroupSettings(group, storageRoot, filter, events, made);
    }
}
