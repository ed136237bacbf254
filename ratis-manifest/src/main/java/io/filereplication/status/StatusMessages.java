package io.filereplication.status;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.status.proto.StatusProtocol.FailureProto;
import io.filereplication.status.proto.StatusProtocol.FileStatusProto;
import io.filereplication.status.proto.StatusProtocol.LsnProto;
import io.filereplication.status.proto.StatusProtocol.MemberProto;
import io.filereplication.status.proto.StatusProtocol.NodeStatusProto;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;

/** Statuses as bytes. Decoding throws {@link IllegalArgumentException} for what is none. */
public final class StatusMessages {
    private StatusMessages() {}

    public static ByteString encode(NodeStatus status) {
        NodeStatusProto.Builder message = NodeStatusProto.newBuilder()
                .setId(status.id().value())
                .setRole(status.role().name())
                .setTerm(status.term())
                .setCommittedIndex(status.committedIndex() + 1)
                .setAppliedIndex(status.appliedIndex() + 1)
                .setFiles(status.files())
                .setBytes(status.bytes())
                .setFullyCaughtUp(status.fullyCaughtUp())
                .setCatchUpCompleted(status.catchUpCompleted())
                .setCaughtUpIndex(status.caughtUpIndex() + 1)
                .addAllProblems(status.problems())
                .putAllStatistics(status.statistics());
        NodeId leader = status.leader();
        if (leader != null) {
            message.setLeader(leader.value());
        }
        status.members()
                .forEach(member -> message.addMembers(MemberProto.newBuilder()
                        .setId(member.id().value())
                        .setAddress(member.address())
                        .setDataStreamAddress(member.dataStreamAddress())
                        .setListener(member.isListener())));
        status.failures()
                .forEach(failure -> message.addFailures(FailureProto.newBuilder()
                        .setPath(ByteString.copyFrom(failure.version().path().toUtf8()))
                        .setVersion(lsn(failure.version().contentLsn()))
                        .setAttempts(failure.attempts())
                        .setReason(failure.reason())));
        return message.build().toByteString();
    }

    public static NodeStatus decodeNode(ByteString bytes) {
        NodeStatusProto message;
        try {
            message = NodeStatusProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not the status of a node: " + bytes.size() + " bytes", e);
        }
        // Sorted, because a protobuf map has no order.
        Map<String, Long> statistics = new TreeMap<>(message.getStatisticsMap());
        return new NodeStatus(
                NodeId.of(message.getId()),
                role(message.getRole()),
                message.getLeader().isEmpty() ? null : NodeId.of(message.getLeader()),
                message.getTerm(),
                message.getCommittedIndex() - 1,
                message.getAppliedIndex() - 1,
                message.getFiles(),
                message.getBytes(),
                message.getFullyCaughtUp(),
                message.getCatchUpCompleted(),
                message.getCaughtUpIndex() - 1,
                message.getMembersList().stream()
                        .map(member -> new NodeStatus.Member(
                                NodeId.of(member.getId()),
                                member.getAddress(),
                                member.getDataStreamAddress(),
                                member.getListener()))
                        .toList(),
                message.getProblemsList(),
                message.getFailuresList().stream()
                        .map(failure -> new NodeStatus.Failure(
                                new FileVersion(
                                        FilePath.ofUtf8(failure.getPath().toByteArray()), lsn(failure.getVersion())),
                                failure.getAttempts(),
                                failure.getReason()))
                        .toList(),
                statistics);
    }

    private static NodeStatus.Role role(String name) {
        for (NodeStatus.Role role : NodeStatus.Role.values()) {
            if (role.name().equals(name)) {
                return role;
            }
        }
        return NodeStatus.Role.UNKNOWN;
    }

    public static ByteString encode(FileStatus status) {
        FileStatusProto.Builder message =
                FileStatusProto.newBuilder().setId(status.id().value()).setAppliedIndex(status.appliedIndex() + 1);
        Lsn registered = status.registered();
        if (registered != null) {
            message.setRegistered(lsn(registered));
        }
        Lsn held = status.held();
        if (held != null) {
            message.setHeld(lsn(held));
        }
        return message.build().toByteString();
    }

    public static FileStatus decodeFile(ByteString bytes) {
        try {
            FileStatusProto message = FileStatusProto.parseFrom(bytes);
            return new FileStatus(
                    NodeId.of(message.getId()),
                    message.getAppliedIndex() - 1,
                    message.hasRegistered() ? lsn(message.getRegistered()) : null,
                    message.hasHeld() ? lsn(message.getHeld()) : null);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Not the status of a file: " + bytes.size() + " bytes", e);
        }
    }

    private static LsnProto lsn(Lsn lsn) {
        return LsnProto.newBuilder()
                .setIndex(lsn.index())
                .setOrdinal(lsn.ordinal())
                .build();
    }

    private static Lsn lsn(LsnProto message) {
        return new Lsn(message.getIndex(), message.getOrdinal());
    }
}
