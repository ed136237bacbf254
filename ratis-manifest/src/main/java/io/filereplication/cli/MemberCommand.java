package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.JoinProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.node.PeerText;
import java.util.concurrent.Callable;
import org.apache.ratis.protocol.RaftPeer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    static final class Add implements Callable<Integer> {
        private final Streams streams;

        @Mixin
        private final NodeOption node = new NodeOption();

        @Mixin
        private final OutputOption output = new OutputOption();

        @Parameters(paramLabel = "ID=HOST:RAFT_PORT:STREAM_PORT", description = "The member, as it was started.")
        private String member = "";

        Add(Streams streams) {
            this.streams = streams;
        }

        @Override
        public Integer call() throws CommandFailure {
            RaftPeer peer = PeerText.parse(member);
            JoinProto join = JoinProto.newBuilder()
                    .setId(peer.getId().toString())
                    .setAddress(peer.getAddress())
                    .setDataStreamAddress(peer.getDataStreamAddress())
                    .build();
            return change(
                    RequestProto.newBuilder().setAddMember(join).build(),
                    peer.getId() + " is a member now",
                    node,
                    output,
                    streams);
        }
    }

    /** {@code member remove}. */
    @Command(
            name = "remove",
            description = "Removes a member, whether it runs or not; its id should not be used again.",
            mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {
        private final Streams streams;

        @Mixin
        private final NodeOption node = new NodeOption();

        @Mixin
        private final OutputOption output = new OutputOption();

        @Parameters(paramLabel = "ID", description = "The member.")
        private String member = "";

        Remove(Streams streams) {
            this.streams = streams;
        }

        @Override
        public Integer call() throws CommandFailure {
            return change(
                    RequestProto.newBuilder().setRemoveMember(member).build(),
                    member + " is no member any more",
                    node,
                    output,
                    streams);
        }
    }

    private static int change(
            RequestProto request, String sentence, NodeOption node, OutputOption output, Streams streams)
            throws CommandFailure {
        try (ControlClient client = node.connect()) {
            DoneProto done = client.run(request, reply -> {});
            streams.out()
                    .println(
                            output.json
                                    ? Json.text(done.getTotalsMap())
                                    : sentence + "; voters: " + done.getTotalsOrDefault("members", 0));
            return done.getCode();
        }
    }
}
