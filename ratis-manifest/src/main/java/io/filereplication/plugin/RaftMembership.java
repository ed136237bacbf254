package io.filereplication.plugin;

import io.filereplication.Membership;
import io.filereplication.NodeId;
import io.filereplication.stream.DataStreamAddresses;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * The group's members as the Raft configuration names them: voters and listeners, of the current configuration and, while
 * it is changing, of the previous one. Before the server exists there are none.
 */
final class RaftMembership implements Membership, DataStreamAddresses {
    private final Supplier<@Nullable RaftServer> server;
    private final RaftGroupId group;
    /** The members are asked for with every file, and a configuration never changes; a new one takes its place. */
    private volatile @Nullable Seen last;

    private record Seen(RaftConfiguration configuration, Set<NodeId> members) {}

    RaftMembership(Supplier<@Nullable RaftServer> server, RaftGroupId group) {
        this.server = server;
        this.group = group;
    }

    @Override
    public Set<NodeId> members() {
        RaftConfiguration configuration = configuration();
        if (configuration == null) {
            return Set.of();
        }
        Seen seen = last;
        if (seen == null || seen.configuration() != configuration) {
            seen = new Seen(configuration, membersOf(configuration));
            last = seen;
        }
        return seen.members();
    }

    private static Set<NodeId> membersOf(RaftConfiguration configuration) {
        Set<NodeId> members = new TreeSet<>();
        configuration.getAllPeers(RaftPeerRole.FOLLOWER).forEach(peer -> members.add(id(peer)));
        configuration.getAllPeers(RaftPeerRole.LISTENER).forEach(peer -> members.add(id(peer)));
        return Collections.unmodifiableSet(members);
    }

    @Override
    public @Nullable RaftPeer peer(NodeId id) {
        RaftConfiguration configuration = configuration();
        return configuration == null
                ? null
                : configuration.getPeer(RaftPeerId.valueOf(id.value()), RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER);
    }

    /** Voters and listeners of the current configuration. */
    Collection<RaftPeer> all() {
        RaftConfiguration configuration = configuration();
        if (configuration == null) {
            return List.of();
        }
        List<RaftPeer> all = new ArrayList<>(configuration.getCurrentPeers(RaftPeerRole.FOLLOWER));
        all.addAll(configuration.getCurrentPeers(RaftPeerRole.LISTENER));
        return all;
    }

    /** The voters, who may lead. */
    Collection<RaftPeer> voters() {
        RaftConfiguration configuration = configuration();
        return configuration == null ? List.of() : configuration.getCurrentPeers(RaftPeerRole.FOLLOWER);
    }

    private static NodeId id(RaftPeer peer) {
        return NodeId.of(peer.getId().toString());
    }

    private @Nullable RaftConfiguration configuration() {
        RaftServer running = server.get();
        if (running == null) {
            return null;
        }
        try {
            return running.getDivision(group).getRaftConf();
        } catch (IOException e) {
            // The group is not (or no longer) served here: nobody is a member as far as this node can tell.
            return null;
        }
    }
}
