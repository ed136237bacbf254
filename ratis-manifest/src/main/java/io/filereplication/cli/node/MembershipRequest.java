package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.JoinProto;
import io.filereplication.plugin.FileReplicationNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.exceptions.RaftRetryFailureException;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.TimeDuration;

/** Changes who is in the group, one member at a time, through Raft. */
final class MembershipRequest {
    /** Half a minute, while there is no leader or another change is under way. */
    private static final RetryPolicy PATIENT =
            RetryPolicies.retryUpToMaximumCountWithFixedSleep(30, TimeDuration.valueOf(1, TimeUnit.SECONDS));

    /** The member that joins first gets the log, or a snapshot. */
    private static final TimeDuration REQUEST_TIMEOUT = TimeDuration.valueOf(15, TimeUnit.SECONDS);

    private final FileReplicationNode node;
    private final Parameters parameters;

    MembershipRequest(FileReplicationNode node, Parameters parameters) {
        this.node = node;
        this.parameters = parameters;
    }

    /** The member has been started with {@code --join}; it is one when this returns. */
    DoneProto add(JoinProto request) throws CommandFailure, IOException {
        RaftPeer peer = RaftPeer.newBuilder()
                .setId(request.getId())
                .setAddress(request.getAddress())
                .setDataStreamAddress(request.getDataStreamAddress())
                .build();
        Peers now = peers();
        if (now.has(request.getId())) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    request.getId() + " is a member already: a member whose log is lost comes back under a new id");
        }
        List<RaftPeer> voters = new ArrayList<>(now.voters());
        voters.add(peer);
        change(now, voters, now.listeners());
        return Conversation.done(ExitCode.OK, Map.of("members", (long) voters.size()));
    }

    DoneProto remove(String id) throws CommandFailure, IOException {
        Peers now = peers();
        if (!now.has(id)) {
            throw new CommandFailure(ExitCode.USAGE, id + " is no member: 'status' shows who is");
        }
        List<RaftPeer> voters = without(id, now.voters());
        if (voters.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, id + " is the last voter: add another first");
        }
        List<RaftPeer> listeners = without(id, now.listeners());
        change(now, voters, listeners);
        return Conversation.done(ExitCode.OK, Map.of("members", (long) voters.size()));
    }

    /** Only if nobody else has changed it meanwhile. */
    private void change(Peers now, List<RaftPeer> voters, List<RaftPeer> listeners) throws CommandFailure, IOException {
        RaftGroup group = RaftGroup.valueOf(groupId(), now.voters());
        RaftProperties properties = new RaftProperties(node.server().getProperties());
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, REQUEST_TIMEOUT);
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(properties)
                .setParameters(parameters)
                .setRetryPolicy(PATIENT)
                .build()) {
            client.admin()
                    .setConfiguration(SetConfigurationRequest.Arguments.newBuilder()
                            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                            .setServersInCurrentConf(now.voters())
                            .setListenersInCurrentConf(now.listeners())
                            .setServersInNewConf(voters)
                            .setListenersInNewConf(listeners)
                            .build());
        } catch (IOException e) {
            if (new Peers(voters, listeners).sameAs(peers())) {
                // The answer to an earlier try was lost.
                return;
            }
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "The members were not changed: " + why(e)
                            + ". See with 'status' who is a member and whether there is a leader; a member that joins has to run",
                    e);
        }
    }

    private static String why(IOException failure) {
        Throwable root = rootOf(failure);
        return root instanceof RaftRetryFailureException
                ? "it was not done in time"
                : String.valueOf(root.getMessage());
    }

    /** Ratis wraps what happened in how often it tried. */
    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    private static List<RaftPeer> without(String id, Collection<RaftPeer> peers) {
        return peers.stream()
                .filter(peer -> !peer.getId().toString().equals(id))
                .toList();
    }

    private RaftGroupId groupId() {
        return RaftGroupId.valueOf(node.manifest().group().value());
    }

    private Peers peers() throws IOException {
        RaftServer.Division division = node.server().getDivision(groupId());
        RaftConfiguration configuration = division.getRaftConf();
        return new Peers(
                List.copyOf(configuration.getCurrentPeers(RaftPeerRole.FOLLOWER)),
                List.copyOf(configuration.getCurrentPeers(RaftPeerRole.LISTENER)));
    }

    private record Peers(List<RaftPeer> voters, List<RaftPeer> listeners) {
        boolean sameAs(Peers other) {
            return Set.copyOf(voters).equals(Set.copyOf(other.voters))
                    && Set.copyOf(listeners).equals(Set.copyOf(other.listeners));
        }

        boolean has(String id) {
            return Stream.concat(voters.stream(), listeners.stream())
                    .anyMatch(peer -> peer.getId().toString().equals(id));
        }
    }
}
