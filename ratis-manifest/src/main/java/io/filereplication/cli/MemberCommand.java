package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.proto.ControlProtocol.JoinProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.node.PeerText;
import java.util.Map;
import org.apache.ratis.protocol.RaftPeer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code member}. */
@Command(
        name = "member",
        description = "Adds a member to the group, or removes one.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class MemberCommand {

    /** {@code member add}. */
    @Command(
            name = "add",
            description = "Adds a member, which runs already: it was started with --join.",
            mixinStandardHelpOptions = true)
    static final class Add extends ControlCommand {
        @Parameters(paramLabel = "ID=HOST:RAFT_PORT:STREAM_PORT", description = "The member, as it was started.")
        private String member = "";

        Add(Streams streams) {
            super(streams);
        }

        @Override
        public Integer call() throws CommandFailure {
            RaftPeer peer = PeerText.parse(member);
            JoinProto join = JoinProto.newBuilder()
                    .setId(peer.getId().toString())
                    .setAddress(peer.getAddress())
                    .setDataStreamAddress(peer.getDataStreamAddress())
                    .build();
            return run(
                    RequestProto.newBuilder().setAddMember(join).build(),
                    finding -> {},
                    totals -> peer.getId() + " is a member now" + voters(totals));
        }
    }

    /** {@code member remove}. */
    @Command(
            name = "remove",
            description = "Removes a member, whether it runs or not; its id should not be used again.",
            mixinStandardHelpOptions = true)
    static final class Remove extends ControlCommand {
        @Parameters(paramLabel = "ID", description = "The member.")
        private String member = "";

        Remove(Streams streams) {
            super(streams);
        }

        @Override
        public Integer call() throws CommandFailure {
            return run(
                    RequestProto.newBuilder().setRemoveMember(member).build(),
                    finding -> {},
                    totals -> member + " is no member any more" + voters(totals));
        }
    }

    private static String voters(Map<String, Long> totals) {
        return "; voters: " + totals.getOrDefault("members", 0L);
    }
}
