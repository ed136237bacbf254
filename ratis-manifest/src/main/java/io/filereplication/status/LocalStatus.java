package io.filereplication.status;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.StoppedBefore;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerStats;
import io.filereplication.status.proto.StatusProtocol.QuestionProto;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * What this node says of itself. Thread-safe; from memory: no I/O, no lock held across I/O, so that it may be asked on any
 * thread of Ratis.
 */
public final class LocalStatus {
    private final NodeId self;
    private final RaftGroupId group;
    private final Supplier<@Nullable RaftServer> server;
    private final Manifest manifest;
    private final Puller puller;
    private final LocalFiles files;

    /** The parts of {@code group} on the node {@code self}; {@code server} is null until it runs. */
    public LocalStatus(
            NodeId self,
            RaftGroupId group,
            Supplier<@Nullable RaftServer> server,
            Manifest manifest,
            Puller puller,
            LocalFiles files) {
        this.self = self;
        this.group = group;
        this.server = server;
        this.manifest = manifest;
        this.puller = puller;
        this.files = files;
    }

    /** Answers another member; throws {@link IllegalArgumentException} when {@code question} is none. */
    public ByteString answer(ByteString question) {
        try {
            QuestionProto asked = QuestionProto.parseFrom(question);
            return asked.hasPath()
                    ? StatusMessages.encode(file(FilePath.ofUtf8(asked.getPath().toByteArray())))
                    : StatusMessages.encode(node());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not a question to a node: " + question.size() + " bytes", e);
        }
    }

    public FileStatus file(FilePath path) {
        FileEntry registered = manifest.get(path);
        LocalRecord record = files.record(path);
        boolean believed = record != null && files.records(record.version());
        return new FileStatus(
                self,
                manifest.appliedIndex(),
                registered == null ? null : registered.contentLsn(),
                record != null && believed ? record.version().contentLsn() : null);
    }

    public NodeStatus node() {
        RaftServer.Division division = division();
        PullerStats stats = puller.stats();
        RaftPeerId leader = division == null ? null : division.getInfo().getLeaderId();
        return new NodeStatus(
                self,
                role(division),
                leader == null ? null : NodeId.of(leader.toString()),
                division == null ? 0 : division.getInfo().getCurrentTerm(),
                division == null ? -1 : division.getRaftLog().getLastCommittedIndex(),
                manifest.appliedIndex(),
                manifest.count(),
                manifest.bytes(),
                puller.fullyCaughtUp(),
                puller.catchUpCompleted(),
                puller.caughtUpIndex(),
                members(division),
                problems(division, stats),
                failures(),
                stats.toMap());
    }

    private RaftServer.@Nullable Division division() {
        RaftServer running = server.get();
        try {
            return running == null ? null : running.getDivision(group);
        } catch (IOException e) {
            // Being closed, or the group was removed: the status says that nothing is known of Raft.
            return null;
        }
    }

    private static NodeStatus.Role role(RaftServer.@Nullable Division division) {
        if (division == null || !division.getInfo().isAlive()) {
            return NodeStatus.Role.UNKNOWN;
        }
        return switch (division.getInfo().getCurrentRole()) {
            case LEADER -> NodeStatus.Role.LEADER;
            case FOLLOWER -> NodeStatus.Role.FOLLOWER;
            case CANDIDATE -> NodeStatus.Role.CANDIDATE;
            case LISTENER -> NodeStatus.Role.LISTENER;
            default -> NodeStatus.Role.UNKNOWN;
        };
    }

    private static List<NodeStatus.Member> members(RaftServer.@Nullable Division division) {
        List<NodeStatus.Member> members = new ArrayList<>();
        if (division != null) {
            RaftConfiguration configuration = division.getRaftConf();
            add(configuration.getCurrentPeers(RaftPeerRole.FOLLOWER), false, members);
            add(configuration.getCurrentPeers(RaftPeerRole.LISTENER), true, members);
        }
        return members;
    }

    private static void add(Collection<RaftPeer> peers, boolean listeners, List<NodeStatus.Member> members) {
        for (RaftPeer peer : peers) {
            members.add(new NodeStatus.Member(
                    NodeId.of(peer.getId().toString()),
                    Objects.requireNonNullElse(peer.getAddress(), ""),
                    Objects.requireNonNullElse(peer.getDataStreamAddress(), ""),
                    listeners));
        }
    }

    private List<String> problems(RaftServer.@Nullable Division division, PullerStats stats) {
        List<String> problems = new ArrayList<>();
        StoppedBefore stopped = manifest.stopped();
        if (stopped != null) {
            problems.add("Nothing is applied from log entry " + stopped.index() + " on: " + stopped.sentence());
        }
        puller.problem().ifPresent(problems::add);
        if (stats.storageFull()) {
            problems.add("The storage is full, so nothing is pulled: free some space, and it goes on by itself");
        }
        if (stats.paused()) {
            problems.add("Pulling is paused");
        }
        if (division == null || !division.getInfo().isAlive()) {
            problems.add("The group is not being served here");
        } else if (division.getInfo().getLeaderId() == null) {
            problems.add("No leader is known: is a majority of the members running?");
        }
        return problems;
    }

    private List<NodeStatus.Failure> failures() {
        return puller.failures(NodeStatus.MAX_FAILURES).stream()
                .map(failure -> new NodeStatus.Failure(failure.version(), failure.attempts(), failure.lastReason()))
                .toList();
    }
}
