package io.filereplication.wire;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a node proves to its peers, and demands of them: the cluster's secret, for one cluster, group and pair of nodes.
 *
 * @param secrets the secrets of the cluster
 * @param clusterName tells clusters apart that were given the same secret, at most {@value #MAX_CLUSTER_NAME_BYTES} UTF-8
 *     bytes; it may be empty
 * @param group the Raft group whose files are exchanged
 * @param self this node
 */
public record Credentials(ClusterSecrets secrets, String clusterName, GroupId group, NodeId self) {
    /** Longest cluster name, UTF-8 bytes. */
    public static final int MAX_CLUSTER_NAME_BYTES = 255;

    public Credentials {
        Objects.requireNonNull(secrets, "secrets");
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(self, "self");
        int bytes = clusterName.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CLUSTER_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "The cluster name has " + bytes + " UTF-8 bytes, the limit is " + MAX_CLUSTER_NAME_BYTES);
        }
    }

    Ends asClientOf(NodeId server) {
        return new Ends(clusterName, group, self, server);
    }

    Ends asServerOf(NodeId client) {
        return new Ends(clusterName, group, client, self);
    }
}
