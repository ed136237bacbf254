package io.filereplication.plugin;

import io.filereplication.pull.FileEvents;
import io.filereplication.pull.ReplicationFilter;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * What one group needs of its own.
 *
 * @param group the Raft group whose log holds the manifest
 * @param storageRoot where its files lie; no other group's, and not inside the Raft directory
 * @param filter which files this node wants
 * @param events hears what happens to this node's files
 */
public record GroupSettings(RaftGroupId group, Path storageRoot, ReplicationFilter filter, FileEvents events) {
    public GroupSettings {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(storageRoot, "storageRoot");
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(events, "events");
    }

    /** Every file, and nobody hears of it. */
    public static GroupSettings of(RaftGroupId group, Path storageRoot) {
        return new GroupSettings(group, storageRoot, ReplicationFilter.ALL, FileEvents.NONE);
    }
}
