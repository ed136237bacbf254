package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.FindingProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** What the commands that a running node carries out have in common: which node that is, and how results are shown. */
abstract class ControlCommand implements Callable<Integer> {
    final Streams streams;

    @Mixin
    final NodeOption node = new NodeOption();

    @Mixin
    final OutputOption output = new OutputOption();

    ControlCommand(Streams streams) {
        this.streams = streams;
    }

    /**
     * Has {@code request} carried out and shows how far it is; {@code findings} hears what is found on the way.
     *
     * @param sentence what the totals at the end mean to people; scripts get the totals
     * @return the exit code that the node says
     */
    final int run(RequestProto request, Consumer<FindingProto> findings, Function<Map<String, Long>, String> sentence)
            throws CommandFailure {
        try (ControlClient client = node.connect();
                Progress progress = output.progress(streams)) {
            DoneProto done = client.run(request, reply -> {
                if (reply.getReplyCase() == ReplyProto.ReplyCase.FINDING) {
                    findings.accept(reply.getFinding());
                } else {
                    progress.show(reply.getProgress());
                }
            });
            progress.close();
            Map<String, Long> totals = new TreeMap<>(done.getTotalsMap());
            streams.out().println(output.json ? Json.text(totals) : sentence.apply(totals));
            return done.getCode();
        }
    }
}
