package io.filereplication.wire;

import io.filereplication.GroupId;
import io.filereplication.NodeId;

/** The two ends of a session and what they believe they belong to. Every key is bound to all of it. */
record Ends(String clusterName, GroupId group, NodeId client, NodeId server) {}
